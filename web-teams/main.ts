import { openContinueTab } from './continue-tab.ts';
import { openDialog } from './dialog.ts';
import { openPage } from './page.ts';

// Two addresses carry this page: the one in Teams' frame, and the tab that its note moves to.
if (location.pathname === '/teams/continue') void openContinueTab(openPage());
else void openDialog(openPage());
