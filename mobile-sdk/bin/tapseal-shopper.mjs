#!/usr/bin/env node
import '../dist/adapters/node/shopper-main.js';
