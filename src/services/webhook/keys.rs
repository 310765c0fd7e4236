//! Fetches the platform's keys before they are needed. No sender can make it fetch more often.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::api::Client;
use crate::services::webhook::{EventSink, ListenerEvent};

/// How often it checks whether the keys are outdated.
const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// Bounds of the pause between attempts while there are no keys.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Runs until it is dropped. `ready`: whether there are keys.
pub(crate) async fn keep(client: Client, ready: watch::Sender<bool>, report: EventSink) {
    let (mut pause, mut reported) = (PAUSE.0, false);
    loop {
        let fetched = if client.wants_platform_keys() { client.fetch_platform_keys().await } else { Ok(()) };
        let has_keys = client.has_platform_keys();
        ready.send_replace(has_keys);
        match fetched {
            Err(error) if !has_keys && !reported => {
                reported = true;
                report(ListenerEvent::NoKeys(Arc::new(error)));
            }
            _ if has_keys && reported => {
                reported = false;
                report(ListenerEvent::KeysInHand);
            }
            _ => {}
        }
        if has_keys {
            pause = PAUSE.0;
            tokio::time::sleep(LOOK_EVERY).await;
        } else {
            tokio::time::sleep(pause.mul_f64(1.0 + rand::random::<f64>() / 4.0)).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }
}
