/**
 * How every stack sets up middy. Its default answers five milliseconds before the function's timeout while the handler
 * runs on to its write: whoever was answered would take a refresh for ended that is not.
 */
export const middyPlugin = { timeoutEarlyInMillis: 0 };
