-- The whole of the dialect: what SQL under sql/ and generated SQL may call beyond the common subset.
-- Settings first; each function is made when a statement first calls it.
set timezone = 'UTC';
set preserve_insertion_order = true;

-- Typed nothing.
create or replace macro empty_text() as cast(null as varchar);
create or replace macro empty_integer() as cast(null as bigint);
create or replace macro empty_number() as cast(null as double);
create or replace macro empty_decimal() as cast(null as decimal(18, 4));
create or replace macro empty_boolean() as cast(null as boolean);
create or replace macro empty_date() as cast(null as date);
create or replace macro empty_moment() as cast(null as timestamp);

-- Cells. Each gives null for a cell that cannot be read.
-- Few cells begin or end with a blank of any kind, which is cheap to see; only those are trimmed.
create or replace macro parse_text(s) as case
    when s < '!' or s between '　' and '〿' or s between chr(160) and chr(161) or suffix(s, ' ') or suffix(s, chr(9)) or suffix(s, '　') or suffix(s, chr(160))
        then nullif(trim(s, ' 　' || chr(9) || chr(160)), '')
    else s
end;
create or replace macro parse_email(s) as lower(parse_text(s));
create or replace macro parse_phone(s) as parse_text(s);
create or replace macro parse_tax_id(s) as nullif(upper(regexp_replace(s, '[^0-9A-Za-z]', '', 'g')), '');
create or replace macro parse_boolean(s) as case
    when lower(trim(s)) in ('true', 't', 'yes', 'y', '1', '是', '真') then true
    when lower(trim(s)) in ('false', 'f', 'no', 'n', '0', '否', '假') then false
end;
create or replace macro parse_integer(s) as case when s not like '%.%' then try_cast(s as bigint) end;
create or replace macro signed_digits(s, kept) as
    case when s like '%-%' or s like '%(%' then '-' else '' end || regexp_replace(s, kept, '', 'g');
create or replace macro is_signed_once(s) as regexp_full_match(s, '[^-+()]*([-+][^-+()]*|\([^-+()]*\)\s*)?');
-- Thousands are divided by commas (or points), by blanks of any width, or by apostrophes; never by two of them.
create or replace macro parse_decimal(s) as coalesce(
    try_cast(s as decimal(18, 4)),
    case when is_signed_once(s) and regexp_full_match(s, '[\s\x{a0}\x{2009}\x{202f}]*[-+(]?[\s\x{a0}\x{2009}\x{202f}]*[¥￥€$£]?[\s\x{a0}\x{2009}\x{202f}]*[-+]?([0-9]{1,3}((,[0-9]{3})+|([ \x{a0}\x{2009}\x{202f}][0-9]{3})+|([''’][0-9]{3})+)|[0-9]+)(\.[0-9]*)?[\s\x{a0}\x{2009}\x{202f}]*[€元]?[\s\x{a0}\x{2009}\x{202f}]*[-)]?[\s\x{a0}\x{2009}\x{202f}]*')
        then try_cast(signed_digits(s, '[^0-9.]') as decimal(18, 4)) end
);
create or replace macro parse_decimal_comma(s) as
    case when is_signed_once(s) and regexp_full_match(s, '[\s\x{a0}\x{2009}\x{202f}]*[-+(]?[\s\x{a0}\x{2009}\x{202f}]*[¥￥€$£]?[\s\x{a0}\x{2009}\x{202f}]*[-+]?([0-9]{1,3}((\.[0-9]{3})+|([ \x{a0}\x{2009}\x{202f}][0-9]{3})+|([''’][0-9]{3})+)|[0-9]+)(,[0-9]*)?[\s\x{a0}\x{2009}\x{202f}]*[€元]?[\s\x{a0}\x{2009}\x{202f}]*[-)]?[\s\x{a0}\x{2009}\x{202f}]*')
        then try_cast(replace(signed_digits(s, '[^0-9,]'), ',', '.') as decimal(18, 4)) end;
-- What the smallest unit is of a currency (ISO 4217): hundredths, unless it has none or thousandths.
create or replace macro minor_unit(currency) as coalesce(map {
    'BIF': 1.000, 'CLP': 1.000, 'DJF': 1.000, 'GNF': 1.000, 'ISK': 1.000, 'JPY': 1.000, 'KMF': 1.000, 'KRW': 1.000, 'PYG': 1.000, 'RWF': 1.000, 'UGX': 1.000, 'UYI': 1.000, 'VND': 1.000, 'VUV': 1.000, 'XAF': 1.000, 'XOF': 1.000, 'XPF': 1.000,
    'BHD': 0.001, 'IQD': 0.001, 'JOD': 0.001, 'KWD': 0.001, 'LYD': 0.001, 'OMR': 0.001, 'TND': 0.001
}[upper(trim(currency))], 0.010);
-- A vendor's own unit goes before that of the currency.
create or replace macro parse_minor_units(s, currency := null, own_unit := null) as
    case when s not like '%.%' then try_cast(
        cast(try_cast(s as decimal(16, 0)) as decimal(30, 0)) * coalesce(cast(own_unit as decimal(4, 3)), minor_unit(currency)) as decimal(18, 4)
    ) end;
create or replace macro is_plausible(d) as d between date '1900-01-01' and date '2999-12-31';
-- A day the engine read itself, for which a word such as epoch is the first of 1900.
create or replace macro is_plain_day(d) as d > date '1900-01-01' and d <= date '2999-12-31';
-- Shops write a tab behind what spreadsheets are to leave alone.
create or replace macro bare(s) as trim(s, ' ' || chr(9));
create or replace macro parse_date(s) as coalesce(
    case when length(s) <= 10 and s >= '0' and s < ':' then try_cast(s as date) end,
    case when bare(s) >= '0' and bare(s) < ':' then coalesce(
        cast(try_strptime(bare(s), ['%Y-%m-%d', '%Y/%m/%d', '%Y年%m月%d日', '%Y.%m.%d', '%Y%m%d']) as date),
        case when regexp_full_match(bare(s), '[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}.*')
            then cast(try_cast(regexp_replace(bare(s), ' ?([A-Z]{2,5}|[-+][0-9]{1,2}(:?[0-9]{2})?)$', '') as timestamp) as date) end
    ) end,
    case when regexp_full_match(bare(s), '[^A-Za-z]*[A-Za-z]{3,9}[^A-Za-z:]*([0-9]{4}|[0-9]{2})([ T][0-9]{1,2}:.*)?') then cast(try_strptime(
        regexp_replace(bare(s), '[ T][0-9]{1,2}:.*', ''),
        ['%d-%b-%y', '%d %b %y', '%d/%b/%y', '%d-%B-%y', '%d %B %y', '%d/%B/%y', '%d-%b-%Y', '%d %b %Y', '%d/%b/%Y', '%d-%B-%Y', '%d %B %Y', '%d/%B/%Y', '%b %d, %y', '%b %d %y', '%B %d, %y', '%B %d %y', '%b %d, %Y', '%b %d %Y', '%B %d, %Y', '%B %d %Y']
    ) as date) end
);
create or replace macro parse_date_dmy(s) as
    cast(try_strptime(split_part(bare(s), ' ', 1), ['%d.%m.%y', '%d/%m/%y', '%d-%m-%y', '%d.%m.%Y', '%d/%m/%Y', '%d-%m-%Y']) as date);
create or replace macro parse_date_mdy(s) as
    cast(try_strptime(split_part(bare(s), ' ', 1), ['%m/%d/%y', '%m-%d-%y', '%m.%d.%y', '%m/%d/%Y', '%m-%d-%Y', '%m.%d.%Y']) as date);
-- As spreadsheets count days, from 61, for there was no 29 February 1900.
create or replace macro parse_date_serial(s) as
    case when try_cast(s as double) >= 61 and try_cast(s as double) < 401769
        then date '1899-12-30' + cast(floor(try_cast(s as double)) as integer) end;
create or replace macro parse_moment(s) as
    case when is_plausible(cast(try_cast(s as timestamptz) as date))
        then cast(try_cast(s as timestamptz) as timestamp) end;
create or replace macro parse_epoch_seconds(s) as
    case when try_cast(s as bigint) between -2208988800 and 32503679999 then make_timestamp(try_cast(s as bigint) * 1000000) end;
create or replace macro parse_epoch_milliseconds(s) as
    case when try_cast(s as bigint) between -2208988800000 and 32503679999999 then make_timestamp(try_cast(s as bigint) * 1000) end;
create or replace macro joined_text(a, b) as nullif(concat_ws(' ', a, b), '');

-- Days, months and numbers.
create or replace macro days_between(a, b) as date_diff('day', a, b);
create or replace macro day_zero() as date '1970-01-01';
create or replace macro days_before(d, n) as d - cast(n as integer);
-- Whether a day lies in the so many days that end with another, that one included.
create or replace macro is_within(d, last_day, n) as d <= last_day and date_diff('day', d, last_day) < n;
create or replace macro hours_between(a, b) as date_diff('second', a, b) / 3600e0;
create or replace macro day_of(moment) as cast(moment as date);
create or replace macro month_of(d) as cast(date_trunc('month', d) as date);
-- Calendar months begun from one day to another; and the same day months before, or the month's last day where there is none.
create or replace macro months_between(a, b) as date_diff('month', a, b);
create or replace macro months_before(d, n) as cast(d - to_months(cast(n as integer)) as date);
-- Of the Gregorian calendar, on the mean.
create or replace macro days_a_month() as 30.436875e0;
create or replace macro to_number(x) as cast(x as double);
create or replace macro to_integer(x) as cast(x as integer);
-- By way of 18 digits: DuckDB divides 38-digit decimals far more slowly.
create or replace macro to_money(x) as cast(cast(x as decimal(18, 4)) as decimal(18, 2));
-- Of amounts in whole cents: up to 1e16, where to_money ends at 1e14.
create or replace macro to_cents(x) as cast(x as decimal(18, 2));
create or replace macro money_sum(x) as cast(sum(x) as decimal(18, 2));
-- A price or cost times a quantity, empty where no amount holds it. Small products, nearly all, go by 18 digits: those of 38 take 20 times as long.
create or replace macro money_product(a, b) as case
    when cast(a as double) * cast(b as double) between -9e9 and 9e9 then cast(a * b as decimal(18, 4))
    else try_cast(cast(a as decimal(38, 4)) * b as decimal(18, 4))
end;
-- DuckDB keeps the product of two 18-digit decimals in 18 digits, of which amount times rate has eight behind the point.
create or replace macro money_times(x, n) as cast(x as decimal(38, 2)) * n;
create or replace macro money_at(x, rate) as case
    when rate is null then to_money(x)
    else to_money(cast(x as decimal(38, 4)) * rate)
end;
create or replace macro to_key(x) as cast(x as varchar);
-- Sums of doubles differ with the order of their rows; sums of these do not.
create or replace macro to_exact(x) as cast(x as decimal(18, 9));
create or replace macro to_square(x) as cast(cast(x as double) * cast(x as double) as decimal(38, 2));
create or replace macro ratio(a, b) as case when b <> 0 then cast(a as double) / cast(b as double) end;
create or replace macro quantile_at(x, share) as quantile_cont(cast(x as double), share);
-- One of several quantiles of the same values, which are then gathered and sorted once for all.
create or replace macro quantile_among(x, shares, place) as quantile_cont(cast(x as double), shares)[place];
-- Null stays null: an absent key must not tie anything together.
create or replace macro short_hash(text) as case when text is not null then hash(text) end;
create or replace macro key_hash(a, b, c) as hash(a, b, c);
-- False where the values of a group all differ; true where some are alike, and seldom where none are: each value sets one of 63 bits.
create or replace macro may_repeat(x) as bit_count(bit_or(cast(1 as bigint) << cast(hash(x) % 63 as integer))) < count(*);
-- Days, gathered to be counted later: how many differ, and how many of those come after a day.
create or replace macro day_list(d) as list(d);
create or replace macro count_days(days) as list_unique(days);
create or replace macro count_days_after(days, d) as list_unique(list_filter(days, lambda x: x > d));
-- How many times as high a rate is as expected, by how many came and were to be expected of so many trials, drawn in to 1 by a weight of expected ones; in chances of 0.99 at most.
create or replace macro rate_factor(hits, expected, trials, weight) as
    case
        when expected > 0 then
            ln(1e0 - least(0.99e0, ratio(expected, trials) * ratio(hits + weight, expected + weight)))
            / ln(1e0 - least(0.99e0, ratio(expected, trials)))
        else 1e0
    end;
-- The chance of what comes at a rate so many times as high as something of this chance: rates multiply (proportional hazards, Cox 1972), chances do not; 0.99 at most.
create or replace macro raised_chance(chance, factor) as least(0.99e0, 1e0 - power(1e0 - least(0.99e0, chance), factor));
-- 0 to 999, alike on every run: what a sample is drawn by.
create or replace macro place_by_hash(x) as hash(x) % 1000;
-- Where a customer stands in the rhythm of buying a product again: quarters of the gap gone by since the last purchase; 8 from two gaps, 9 from three, 10 from five.
create or replace macro rhythm_class(elapsed_days, gap_days) as case
    when elapsed_days >= 5 * gap_days then 10
    when elapsed_days >= 3 * gap_days then 9
    else cast(least(8, floor(4e0 * elapsed_days / gap_days)) as integer)
end;
-- Purchases so far: 1, 2, 3 for three and four, 4 up to eight, 5 more.
create or replace macro times_class(purchase_count) as case
    when purchase_count <= 3 then purchase_count
    when purchase_count = 4 then 3
    when purchase_count <= 8 then 4
    else 5
end;

-- Text.
create or replace macro digits_of(s) as regexp_replace(s, '[^0-9]', '', 'g');
create or replace macro phone_digits(s) as digits_of(replace(s, '(0)', ''));
create or replace macro phone_e164(s, calling_code) as case
    when phone_digits(s) = '' then null
    when s like '+%' then '+' || phone_digits(s)
    when phone_digits(s) like '00%' then '+' || substr(phone_digits(s), 3)
    when phone_digits(s) like calling_code || '%' and length(phone_digits(s)) >= 11 + length(calling_code) - 1
        then '+' || phone_digits(s)
    else '+' || calling_code || ltrim(phone_digits(s), '0')
end;
create or replace macro position_of(part, s) as strpos(s, part);
create or replace macro joined_texts(s) as string_agg(s, ', ' order by s);
create or replace macro mask_name(s) as case
    when s is null or s = '' then s
    else concat_ws(' ', substr(s, 1, 1) || '***', case when strpos(s, ' ') > 0 then substr(s, strpos(s, ' ') + 1, 1) || '***' end)
end;
-- A customer's name as a report shows it: all but companies are masked.
create or replace macro shown_name(customer_name, customer_kind, is_masked) as case
    when is_masked and coalesce(customer_kind, 'person') <> 'company' then mask_name(customer_name)
    else customer_name
end;
-- An amount as a sentence has it: its cents where it has some, thousands parted, and what stands before it.
create or replace macro money_text(x, sign) as case when x < 0 then '-' else '' end || sign
    || regexp_replace(format('{:,.2f}', abs(cast(x as double))), '\.00$', '');
create or replace macro safe_cell(s) as case
    when substr(s, 1, 1) in ('=', '+', '-', '@', chr(9), chr(13)) and try_cast(s as double) is null then chr(39) || s
    else s
end;

-- Statistics.
-- Normal distribution function by Abramowitz & Stegun (1964), 26.2.17, absolute error below 7.5e-8.
create or replace macro normal_tail(z) as exp(-z * z / 2e0) * 0.3989422804014327e0 * (
    (1e0 / (1e0 + 0.2316419e0 * z)) * (0.319381530e0 + (1e0 / (1e0 + 0.2316419e0 * z)) * (-0.356563782e0
    + (1e0 / (1e0 + 0.2316419e0 * z)) * (1.781477937e0 + (1e0 / (1e0 + 0.2316419e0 * z)) * (-1.821255978e0
    + (1e0 / (1e0 + 0.2316419e0 * z)) * 1.330274429e0))))
);
create or replace macro normal_cdf(z) as case when z >= 0 then 1e0 - normal_tail(z) else normal_tail(-z) end;
