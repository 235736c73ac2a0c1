/** The row being decided, one per market and timeframe. Views look back from it. */
export class Cursor {
  row = -1
}
