/** The oldest Node for its packages. npm only warns of an older one, under which the command would end in the middle. */
export const OLDEST_NODE = '22.12';
