import './same-content.test.ts';
