import './shutdown.test.ts';
