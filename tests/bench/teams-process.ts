/**
 * The stand-in of Microsoft's clouds in a process of its own, so that its work is not in the times of whoever measures.
 * It says how GLIR reaches it, tells how many messages have reached it as often as it is asked, and ends with its parent.
 */
import { startTeamsCloud } from '../support/teams/cloud.ts';

const cloud = await startTeamsCloud();
process.on('message', () => {
  const posted = cloud.messages();
  process.send?.({
    shown: posted.filter(({ status }) => status === 201).length,
    refused: posted.filter(({ status }) => status >= 400).length,
  });
});
process.on('disconnect', () => void cloud.stop().then(() => process.exit()));
process.send?.({ env: cloud.env, serviceUrl: cloud.serviceUrl, token: await cloud.sign() });
