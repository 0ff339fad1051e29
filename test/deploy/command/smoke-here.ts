/** `npm run smoke` for a page of this machine, whatever the address of the deployed one is. */
process.argv[2] = process.env.TEST_PAGE ?? '';
await import('../../../deploy/smoke.ts');
