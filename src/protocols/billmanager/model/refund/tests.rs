//! What is given back, for any periods and at any moment.

use proptest::prelude::*;

use super::*;
use crate::protocols::billmanager::model::{DAY, ENDLESS, TRIAL};

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn kopecks(kopecks: i64) -> Money {
    Money::from_kopecks(kopecks).unwrap()
}

/// Periods that follow one another from a moment on.
fn chain(start: Timestamp, periods: &[(i64, i64)]) -> Vec<PaidPeriod> {
    let (mut at, mut anchor) = (Some(start), calendar::day_of(start));
    let mut made = Vec::new();
    for (period, amount) in periods {
        let Some(starts_at) = at else { break };
        let end = calendar::end(starts_at, *period, anchor).unwrap();
        let amount = kopecks(*amount);
        made.push(PaidPeriod { starts_at, ends_at: end.at, period: *period, amount });
        (at, anchor) = (end.at, end.anchor);
    }
    made
}

/// What all of them give back, in kopecks.
fn back(rule: RefundRule, periods: &[PaidPeriod], now: &str) -> Vec<i64> {
    of_periods(rule, periods, moment(now)).iter().map(|(_, amount)| amount.kopecks()).collect()
}

#[test]
fn unused_months_are_whole_and_end_where_the_calendar_says() {
    use RefundRule::Months;
    // From 31 January for 12 months, 100.00: the second month begins on 28 February, the third on 31 March.
    let year = chain(moment("2027-01-31T12:00:00Z"), &[(12, 10_000)]);
    assert_eq!(back(Months, &year, "2027-01-31T12:00:00Z"), [10_000], "nothing is used yet");
    assert_eq!(back(Months, &year, "2027-01-31T12:00:00.000001Z"), [9_166]);
    assert_eq!(back(Months, &year, "2027-02-28T12:00:00Z"), [9_166], "the second month begins");
    assert_eq!(back(Months, &year, "2027-02-28T12:00:01Z"), [8_333]);
    assert_eq!(back(Months, &year, "2027-03-31T11:59:59Z"), [8_333]);
    assert_eq!(back(Months, &year, "2027-03-31T12:00:01Z"), [7_500]);
    assert_eq!(back(Months, &year, "2027-12-31T12:00:00Z"), [833]);
    assert_eq!(back(Months, &year, "2027-12-31T12:00:01Z"), [0; 0], "the last month has begun");
    assert_eq!(back(Months, &year, "2028-01-31T12:00:00Z"), [0; 0]);
}

#[test]
fn unused_days_are_whole_and_of_the_days_that_the_period_has() {
    use RefundRule::Days;
    // February 2028 has 29 days: 29.00, a rouble a day.
    let month = chain(moment("2028-02-01T00:00:00Z"), &[(1, 2_900)]);
    assert_eq!(back(Days, &month, "2028-02-01T00:00:00Z"), [2_900]);
    assert_eq!(back(Days, &month, "2028-02-01T00:00:00.000001Z"), [2_800]);
    assert_eq!(back(Days, &month, "2028-02-02T00:00:00Z"), [2_800]);
    assert_eq!(back(Days, &month, "2028-02-29T00:00:00Z"), [100]);
    assert_eq!(back(Days, &month, "2028-02-29T00:00:01Z"), [0; 0]);
    assert_eq!(back(Days, &month, "2028-03-01T00:00:00Z"), [0; 0]);
    // A third of a rouble is rounded down.
    let month = chain(moment("2027-04-01T00:00:00Z"), &[(1, 100)]);
    assert_eq!(back(Days, &month, "2027-04-21T00:00:00Z"), [33]);
}

#[test]
fn renewals_are_given_back_as_the_first_period_is_and_what_has_not_begun_whole() {
    let paid = chain(moment("2027-01-31T00:00:00Z"), &[(1, 3_100), (1, 2_800), (DAY, 7), (3, 999)]);
    let at = "2027-02-14T00:00:00Z";
    assert_eq!(back(RefundRule::Days, &paid, at), [1_550, 2_800, 7, 999]);
    assert_eq!(back(RefundRule::Months, &paid, at), [2_800, 7, 999]);
    assert_eq!(back(RefundRule::None, &paid, at), [0; 0]);
    // The anchor is carried on: from 28 February one month ends on 31 March, and then a day on 1 April.
    assert_eq!(back(RefundRule::Days, &paid, "2027-03-31T12:00:00Z"), [999]);
    let endless = chain(moment("2027-01-31T00:00:00Z"), &[(ENDLESS, 777)]);
    assert_eq!(back(RefundRule::Days, &endless, "2027-01-31T00:00:01Z"), [0; 0]);
    let trial = chain(moment("2027-01-31T00:00:00Z"), &[(TRIAL, 1_400)]);
    assert_eq!(back(RefundRule::Months, &trial, "2027-01-31T00:00:01Z"), [0; 0]);
    assert_eq!(back(RefundRule::Days, &trial, "2027-02-07T00:00:00Z"), [700]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn it_is_never_more_than_was_paid_and_never_grows(
        start in 1_800_000_000_i64..1_900_000_000,
        periods in prop::collection::vec(
            (prop::sample::select(vec![DAY, TRIAL, 1, 2, 5, 12, 36]), 0_i64..100_000_000), 1..6),
        moments in prop::collection::vec(-86_400_i64..200_000_000, 2..12),
    ) {
        let start = Timestamp::from_second(start).unwrap();
        let paid = chain(start, &periods);
        let mut moments = moments;
        moments.sort();
        for rule in [RefundRule::None, RefundRule::Months, RefundRule::Days] {
            let mut before = i64::MAX;
            for moment in &moments {
                let now = Timestamp::from_second(start.as_second() + moment).unwrap();
                let back = of_periods(rule, &paid, now);
                let mut sum = 0;
                for (starts_at, amount) in &back {
                    let of = paid.iter().find(|period| period.starts_at == *starts_at).unwrap();
                    prop_assert!(*amount <= of.amount && *amount > Money::ZERO);
                    // What has ended gives nothing back, what has not begun all of it.
                    prop_assert!(of.ends_at.is_some_and(|end| now < end));
                    if now <= of.starts_at {
                        prop_assert_eq!(*amount, of.amount);
                    }
                    sum += amount.kopecks();
                }
                prop_assert!(sum <= before, "it grew");
                prop_assert!(rule != RefundRule::None || sum == 0);
                before = sum;
            }
        }
    }
}
