//! Has the platform's keys in hand before anything is judged by them. Nobody who sends can make it ask more often.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::api::Client;
use crate::services::webhook::{Heard, Hearer};

/// How often it looks whether the keys have grown old.
const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// Bounds of the pause between attempts while there are none.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Runs until it is dropped. `ready` says whether there are keys.
pub(crate) async fn keep(client: Client, ready: watch::Sender<bool>, tell: Hearer) {
    let (mut pause, mut told) = (PAUSE.0, false);
    loop {
        let fetched = if client.wants_platform_keys() { client.fetch_platform_keys().await } else { Ok(()) };
        let in_hand = client.has_platform_keys();
        ready.send_replace(in_hand);
        match fetched {
            Err(error) if !in_hand && !told => {
                told = true;
                tell(Heard::NoKeys(Arc::new(error)));
            }
            _ if in_hand && told => {
                told = false;
                tell(Heard::KeysInHand);
            }
            _ => {}
        }
        if in_hand {
            pause = PAUSE.0;
            tokio::time::sleep(LOOK_EVERY).await;
        } else {
            tokio::time::sleep(pause.mul_f64(1.0 + rand::random::<f64>() / 4.0)).await;
            pause = (pause * 2).min(PAUSE.1);
        }
    }
}
