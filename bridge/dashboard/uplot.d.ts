/** The chart library; the bridge serves its module under this name. */
export { default } from 'uplot';
