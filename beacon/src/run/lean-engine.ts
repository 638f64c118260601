/**
 * Sets V8 for a small board; imported before everything else. The box runs each line of its code a few times an hour, so
 * optimised machine code costs memory (some 9 MB) and saves nothing: the cryptography is native already.
 */
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-opt');
setFlagsFromString('--semi-space-growth-factor=1');
