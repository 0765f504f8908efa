/** The mean length of a year of the Gregorian calendar. */
export const DAYS_A_YEAR = 365.2425;

/** The mean length of a month; `days_a_month()` in SQL. */
export const DAYS_A_MONTH = DAYS_A_YEAR / 12;
