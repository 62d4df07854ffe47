const TAG_CHARACTERS = 8;

/** What the log, a chat and the history may say of a room: enough to recognise it, too little to open it. */
export function roomTag(roomId: string): string {
  return roomId.slice(0, TAG_CHARACTERS);
}
