/** The other way to connect, a script of its own that the patient's page loads only when it needs it. */
export { openReaderTransport } from '../../web-shared/net/webrtc-transport.ts';
