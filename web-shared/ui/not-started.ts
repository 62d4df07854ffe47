/** The script runs: takes away what the page says by itself when it does not. */
export function removeNotStarted(): void {
  document.querySelector('.not-started')?.remove();
}
