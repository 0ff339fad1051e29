import './bin.test.ts';
