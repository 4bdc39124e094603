//! What an order of an aggregator costs after a till has changed it.

use super::*;

#[test]
fn an_order_costs_its_delivery_at_the_till_as_well() {
    let of_an_aggregator = |beside: &str| {
        let json = format!(
            r#"{{"products":[{{"id":"1","name":"Fish","price":15,"quantity":2}},
                {{"id":"2","name":"Tea","price":20,"quantity":1}}],{beside}}}"#
        );
        there(Order { content: Some(content(&json)), total: money(5_150), ..two_dishes(0) })
    };
    let field = |answer: Answer| {
        let refusal = answer.unwrap_err();
        (refusal.code, refusal.about.map(|about| *about))
    };
    let crab = |total: &str| {
        edit(&format!(
            r#"{{"products":[{{"id":"3","name":"Crab","price":"99.99","quantity":1}}]{total}}}"#
        ))
    };
    let fee = r#""payment":{"type":"cash","deliveryFee":1.50}"#;
    let mut state = of_an_aggregator(fee);
    run(&mut state, 1, at(1, void(&[1]))).unwrap();
    assert_eq!(now(&state).total, money(3_150), "without a dish, and delivered all the same");
    run(&mut state, 2, at(2, crab(""))).unwrap();
    assert_eq!(now(&state).total, money(10_149));
    let said = |total: &str| run(&mut of_an_aggregator(fee), 1, at(1, crab(total)));
    assert!(said(r#","total":101.49"#).is_ok());
    let wrong = (Code::BadRequest, Some(About::Field("total")));
    assert_eq!(field(said(r#","total":99.99"#)), wrong, "the dishes alone");

    // How much a discount is of the new content, nobody but the restaurant knows.
    let discount = r#""discountIds":[{"id":5}]"#;
    let said = |total: &str| {
        let mut state = of_an_aggregator(discount);
        run(&mut state, 1, at(1, crab(total))).map(|_| now(&state).total)
    };
    assert_eq!(said(r#","total":90"#), Ok(money(9_000)));
    assert_eq!(said("").map_err(|refusal| refusal.code), Err(Code::BadRequest));
}
