// What happens on the air, for logs and for tests that play the eavesdropper. Times are the scheduler's.

export type AirEvent =
  | {
      readonly kind: 'joined' | 'left';
      readonly timeMs: number;
      readonly address: string;
      readonly name: string;
    }
  | {
      /** One packet as an eavesdropper gets it: `bytes` is the link layer payload, addresses least significant first. */
      readonly kind: 'pdu';
      readonly timeMs: number;
      readonly pdu: 'ADV_IND' | 'SCAN_REQ' | 'SCAN_RSP' | 'CONNECT_IND' | 'DATA' | 'CONTROL';
      readonly from: string;
      /** Unset for what is sent to everybody. */
      readonly to?: string;
      readonly bytes: Buffer;
      /** Whether anybody (for adverts) or the one it was meant for received it. */
      readonly heard: boolean;
    }
  | {
      readonly kind: 'connected';
      readonly timeMs: number;
      readonly central: string;
      readonly peripheral: string;
      readonly intervalMs: number;
    }
  | {
      /** Told by each end for itself; `reason` is the HCI error code. */
      readonly kind: 'disconnected';
      readonly timeMs: number;
      readonly address: string;
      readonly peer: string;
      readonly reason: number;
    }
  | {
      /** A host's command that was refused; `count` refusals of this host so far. */
      readonly kind: 'command-refused';
      readonly timeMs: number;
      readonly address: string;
      readonly opcode: number;
      readonly status: number;
      readonly count: number;
    }
  | {
      /** A host wrote ACL data without a free buffer, or for no link: the data was dropped. */
      readonly kind: 'data-dropped';
      readonly timeMs: number;
      readonly address: string;
      readonly handle: number;
      readonly why: 'buffer-overflow' | 'no-such-link' | 'malformed';
    };
