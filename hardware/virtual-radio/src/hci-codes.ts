// Numbers of the Host Controller Interface (Core specification, Vol 4 Part E), as far as this controller speaks it.

export const PACKET = { command: 0x01, acl: 0x02, event: 0x04 } as const;

export const OPCODE = {
  disconnect: 0x0406,
  setEventMask: 0x0c01,
  reset: 0x0c03,
  readLeHostSupported: 0x0c6c,
  writeLeHostSupported: 0x0c6d,
  readLocalVersion: 0x1001,
  readBufferSize: 0x1005,
  readBdAddr: 0x1009,
  readRssi: 0x1405,
  leSetEventMask: 0x2001,
  leReadBufferSize: 0x2002,
  leSetAdvertisingParameters: 0x2006,
  leSetAdvertisingData: 0x2008,
  leSetScanResponseData: 0x2009,
  leSetAdvertiseEnable: 0x200a,
  leSetScanParameters: 0x200b,
  leSetScanEnable: 0x200c,
  leCreateConnection: 0x200d,
  leCreateConnectionCancel: 0x200e,
  leConnectionUpdate: 0x2013,
} as const;

export const EVENT = {
  disconnectionComplete: 0x05,
  commandComplete: 0x0e,
  commandStatus: 0x0f,
  numberOfCompletedPackets: 0x13,
  dataBufferOverflow: 0x1a,
  leMeta: 0x3e,
} as const;

export const LE_EVENT = {
  connectionComplete: 0x01,
  advertisingReport: 0x02,
  connectionUpdateComplete: 0x03,
} as const;

export const STATUS = {
  success: 0x00,
  unknownCommand: 0x01,
  unknownConnection: 0x02,
  connectionTimeout: 0x08,
  connectionLimitExceeded: 0x09,
  connectionExists: 0x0b,
  commandDisallowed: 0x0c,
  unsupportedFeature: 0x11,
  invalidParameters: 0x12,
  remoteUserEnded: 0x13,
  localHostEnded: 0x16,
  failedToEstablish: 0x3e,
} as const;

/** Packet boundary flags of ACL data (bits 12 and 13 of the handle field). */
export const BOUNDARY = { startFromHost: 0, continuing: 1, startToHost: 2 } as const;

export const ADVERTISING_REPORT = { advInd: 0x00, scanResponse: 0x04 } as const;
