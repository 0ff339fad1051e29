import './videos.test.ts';
