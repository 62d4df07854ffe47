/**
 * A file that is dropped beside its place would open in this tab, and the note would be gone with the page. Until the
 * returned function is called, such a file does nothing.
 */
export function keepFilesOut(): () => void {
  const hold = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files') !== true || event.defaultPrevented) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'none';
  };
  document.addEventListener('dragover', hold);
  document.addEventListener('drop', hold);
  return () => {
    document.removeEventListener('dragover', hold);
    document.removeEventListener('drop', hold);
  };
}
