import { Revisions } from './revisions.ts';
import { TimeNews } from './time-warnings.ts';

/** What outlasts the reading screen while a connection is interrupted. */
export class Kept {
  readonly revisions = new Revisions();
  readonly timeNews = new TimeNews();
  /** The step of the text's size. */
  size = 0;

  /** The note is over: nothing of its words stays. */
  forget(): void {
    this.revisions.forget();
    this.timeNews.forget();
  }
}
