/**
 * Loaded into GLIR's process by scripts/start.mjs (node --import). Should the starter vanish without
 * passing a signal on, its channel closes, and GLIR stops as if it had been asked to.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
