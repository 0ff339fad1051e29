/** What the packages need that it imports. npm only warns of an older one, under which the command would end in the middle. */
export const OLDEST_NODE = '22.12';
