use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::api::{Refusal, RequestFailure};
use crate::model::action::{Confirmation, Illegal, RuleBroken, WriteName, prepare};
use crate::model::{Kind, MchId, Merchant, Object};
use crate::services::write::bulk::run::{OnUnknown, Perform, pace};
use crate::services::write::bulk::*;

fn run(count: usize, rate: Rate) -> BulkRun {
    let mut bulk = Bulk::new(ActionId::PlanStop, &MchId::new("1900000001"));
    let merchant = Merchant::new(MchId::new("1900000001"));
    let now = OffsetDateTime::now_utc();
    for i in 0..count {
        let document = json!({"merchant_plan_no": format!("P-{i}"), "plan_state": "NORMAL"});
        let plan = Object::parse(Kind::Plan, &document.to_string()).unwrap();
        let values = Values::new();
        bulk.add(
            prepare(
                ActionId::PlanStop.action(),
                &plan,
                crate::model::action::RelatedState::NONE,
                &merchant,
                &values,
                now,
            )
            .unwrap(),
        )
        .unwrap();
    }
    BulkRun { operations: bulk.confirm(Confirmation::Flag).unwrap(), rate }
}

fn done() -> Outcome {
    Outcome::Done { request_id: None, journal: 1, found_by_query: false, made: None }
}

fn refused(status: u16, code: &str) -> Arc<ApiError> {
    let body = json!({"code": code, "message": "no"}).to_string();
    Arc::new(ApiError::Refused(Refusal::read(status, body.as_bytes(), None, true)))
}

fn unknown() -> Outcome {
    Outcome::Unknown { error: Arc::new(ApiError::UnknownOutcome(RequestFailure::Timeout { seconds: 1 })), journal: 7 }
}

/// What a bulk action did, with the moment of every step.
#[derive(Clone, Default)]
struct Story(Arc<Mutex<Vec<(Instant, BulkEvent)>>>);

impl Story {
    fn listener(&self) -> impl Fn(BulkEvent) + Clone + Send + Sync + 'static {
        let story = self.0.clone();
        move |event| story.lock().unwrap().push((Instant::now(), event))
    }

    fn started(&self) -> Vec<Instant> {
        let story = self.0.lock().unwrap();
        story.iter().filter(|(_, event)| matches!(event, BulkEvent::Started(_))).map(|(at, _)| *at).collect()
    }

    fn ended(&self) -> Vec<usize> {
        let story = self.0.lock().unwrap();
        let mut ended: Vec<usize> = story
            .iter()
            .filter_map(|(_, event)| if let BulkEvent::Ended(place, _) = event { Some(*place) } else { None })
            .collect();
        ended.sort_unstable();
        ended
    }

    fn paused(&self) -> Vec<Option<Surprise>> {
        let story = self.0.lock().unwrap();
        story
            .iter()
            .filter_map(|(_, e)| if let BulkEvent::Paused(why) = e { Some(why.clone()) } else { None })
            .collect()
    }
}

/// A performer with fixed rules: how long each operation takes, and how it ends.
fn by(took: Duration, outcome: impl Fn(&str) -> Outcome + Send + Sync + 'static) -> Perform {
    Arc::new(move |operation, report: OnUnknown| {
        let outcome = outcome(operation.what().object.number.as_str());
        Box::pin(async move {
            tokio::time::sleep(took).await;
            if matches!(outcome, Outcome::Unknown { .. }) {
                report(outcome.clone());
                tokio::time::sleep(Duration::from_secs(30)).await;
            }
            outcome
        })
    })
}

const QUICK: Duration = Duration::from_millis(20);

#[tokio::test(start_paused = true)]
async fn the_rate_is_kept_and_no_more_are_under_way_than_it_asks_for() {
    for (per_second, took, seconds) in [(2, QUICK, 29.5), (20, QUICK, 2.95), (20, Duration::from_millis(200), 3.1)] {
        let (story, under_way) = (Story::default(), Arc::new(Mutex::new((0, 0))));
        let counted = under_way.clone();
        let perform: Perform = Arc::new(move |_, _| {
            let counted = counted.clone();
            Box::pin(async move {
                {
                    let mut now = counted.lock().unwrap();
                    *now = (now.0 + 1, now.1.max(now.0 + 1));
                }
                tokio::time::sleep(took).await;
                counted.lock().unwrap().0 -= 1;
                done()
            })
        });
        pace(perform, run(60, Rate::new(per_second, 100)), &BulkControl::default(), story.listener()).await;
        let started = story.started();
        assert_eq!((started.len(), story.ended()), (60, (0..60).collect()));
        for at in &started {
            let within = started.iter().filter(|t| *t >= at && **t < *at + Duration::from_secs(1)).count();
            assert!(within <= per_second as usize, "{within} in a second at {per_second}");
        }
        let span = (started[59] - started[0]).as_secs_f64();
        assert!((span - seconds).abs() < 0.2, "{span}");
        let most = under_way.lock().unwrap().1;
        assert!(most <= Rate::new(per_second, 100).at_once() && (most == 1 || took > QUICK), "{most} at once");
    }
    assert_eq!(Rate::new(50, 20).per_second(), 20, "the budget is the limit");
    assert_eq!((Rate::within(20).per_second(), Rate::within(1).per_second()), (10, 1));
}

#[tokio::test(start_paused = true)]
async fn a_pause_sends_nothing_more_and_going_on_sends_the_rest_each_once() {
    let (story, control) = (Story::default(), BulkControl::default());
    let pacing = pace(by(QUICK, |_| done()), run(10, Rate::new(1, 10)), &control, story.listener());
    let driving = async {
        tokio::time::sleep(Duration::from_millis(3500)).await;
        control.send(BulkCommand::Pause);
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert_eq!(story.started().len(), 4);
        assert!(matches!(story.paused()[..], [None]));
        control.send(BulkCommand::Go);
    };
    tokio::join!(pacing, driving);
    assert_eq!(story.ended(), (0..10).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn a_stop_finishes_what_is_in_flight_and_sends_nothing_more() {
    let (story, control) = (Story::default(), BulkControl::default());
    let pacing = pace(by(Duration::from_secs(2), |_| done()), run(10, Rate::new(1, 10)), &control, story.listener());
    let driving = async {
        tokio::time::sleep(Duration::from_millis(5500)).await;
        control.send(BulkCommand::Stop);
        control.send(BulkCommand::Go);
    };
    tokio::join!(pacing, driving);
    assert_eq!(story.started().len(), story.ended().len(), "whatever was started has ended");
    assert_eq!(story.started().len(), 3, "one at a time at this rate");
    assert!(matches!(story.0.lock().unwrap().last(), Some((_, BulkEvent::Finished))));
}

#[tokio::test(start_paused = true)]
async fn the_first_surprise_holds_the_rest_back_until_the_operator_resumes() {
    let unreachable = || Arc::new(ApiError::Unreachable(RequestFailure::Timeout { seconds: 1 }));
    let rule = RuleBroken::Denied(WriteName::Action(ActionId::PlanStop));
    let surprises = [
        unknown(),
        Outcome::Refused { error: unreachable(), journal: Some(1) },
        Outcome::Refused { error: refused(401, "SIGN_ERROR"), journal: Some(1) },
        Outcome::Denied(Denial::ReadOnly),
        Outcome::Denied(Denial::Rule { broken: rule, profile: "shop".into() }),
    ];
    for surprise in surprises {
        let (story, control) = (Story::default(), BulkControl::default());
        let at_third = surprise.clone();
        let outcome = move |number: &str| if number == "P-2" { at_third.clone() } else { done() };
        let pacing = pace(by(QUICK, outcome), run(6, Rate::new(5, 10)), &control, story.listener());
        let driving = async {
            tokio::time::sleep(Duration::from_secs(90)).await;
            assert_eq!(story.started().len(), 3, "{surprise:?}");
            assert!(matches!(story.paused()[..], [Some(_)]), "{surprise:?}");
            control.send(BulkCommand::Go);
        };
        tokio::join!(pacing, driving);
        assert_eq!(story.ended(), [0, 1, 2, 3, 4, 5], "{surprise:?}");
        assert_eq!(story.paused().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_or_has_changed_for_one_object_is_noted_and_the_others_go_on() {
    let outcome = |number: &str| match number {
        "P-1" => Outcome::Refused { error: refused(400, "INVALID_REQUEST"), journal: Some(1) },
        "P-2" => Outcome::Denied(Denial::Illegal(Illegal("illegal-plan-stopped"))),
        "P-3" => Outcome::Denied(Denial::Busy { journal: 3 }),
        _ => done(),
    };
    let story = Story::default();
    pace(by(QUICK, outcome), run(6, Rate::new(10, 20)), &BulkControl::default(), story.listener()).await;
    assert_eq!((story.ended(), story.paused().len()), ((0..6).collect(), 0));
}

#[tokio::test(start_paused = true)]
async fn every_object_is_started_once_whatever_commands_arrive() {
    for step in 1..12 {
        let (story, control, numbers) = (Story::default(), BulkControl::default(), Arc::new(Mutex::new(Vec::new())));
        let seen = numbers.clone();
        let outcome = move |number: &str| {
            seen.lock().unwrap().push(number.to_owned());
            if number.ends_with('7') { unknown() } else { done() }
        };
        let pacing =
            pace(by(Duration::from_millis(150), outcome), run(40, Rate::new(20, 20)), &control, story.listener());
        let driving = async {
            for command in [BulkCommand::Pause, BulkCommand::Go].into_iter().cycle().take(60) {
                tokio::time::sleep(Duration::from_millis(step * 37)).await;
                control.send(command);
            }
            while control.command() != BulkCommand::Stop && story.started().len() < 40 {
                tokio::time::sleep(Duration::from_secs(1)).await;
                control.send(BulkCommand::Go);
            }
        };
        tokio::join!(pacing, driving);
        let numbers = numbers.lock().unwrap();
        assert_eq!((numbers.len(), numbers.iter().collect::<BTreeSet<_>>().len()), (40, 40), "{step}");
    }
}
