import type { DataConsumerOptions, DataProducerOptions } from 'mediasoup/types';

/** Name of the channels in the browser's own diagnostics. The same for all: it says nothing about anyone. */
const LABEL = 'glir';

/** What is fixed about a stream that a tab sends; its stream id comes from that tab. */
export function dataProducerOptions(): Pick<DataProducerOptions, 'label' | 'protocol'> {
  return { label: LABEL, protocol: '' };
}

/**
 * What is fixed about a stream that a tab receives. Ordered means reliable in mediasoup: a lost packet is sent again
 * until it arrives. It is said here, and not taken from the sender, so that a sender cannot choose otherwise.
 */
export function dataConsumerOptions(): Pick<DataConsumerOptions, 'ordered'> {
  return { ordered: true };
}
