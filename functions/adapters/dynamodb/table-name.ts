/**
 * What a table may be called: for whoever is given a name at synth or on a command line, before anything is asked of it.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */
export const tableNamePattern = /^[A-Za-z0-9_.-]{3,255}$/;
