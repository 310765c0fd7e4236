//! What every engine promises, as tests: an engine runs all of them with one call of [`suite!`], a function that opens a
//! ledger in a folder, and one that appends a text to its journal. Tests that depend on an engine's own files or schema
//! are beside the engine.

pub(super) mod bills;
pub(super) mod held;
pub(super) mod inbox;
pub(super) mod journal;
pub(super) mod objects;
pub(super) mod tables;
pub(super) mod watches;

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::engine::Engine;
use super::{Fresh, Source};
use crate::model::time::Timestamp;
use crate::model::{Kind, Number, Object, ObjectId};

/// Opens the one ledger of a folder; another call with the same folder opens the same ledger again.
pub(super) type Open = fn(&Path) -> Box<dyn Engine>;

/// Appends an entry to the journal of a folder's ledger, whatever it says: a later version may write other words.
pub(super) type Append = fn(&Path, Value);

/// A temporary place for one ledger.
pub(super) struct Place {
    folder: TempDir,
    open: Open,
    append: Append,
}

impl Place {
    pub(super) fn new(open: Open, append: Append) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), open, append }
    }

    /// A place for another ledger of the same engine.
    fn another(&self) -> Self {
        Self::new(self.open, self.append)
    }

    /// Opens the ledger as another process would.
    pub(super) fn open(&self) -> Box<dyn Engine> {
        (self.open)(self.folder.path())
    }

    fn append(&self, entry: Value) {
        (self.append)(self.folder.path(), entry);
    }
}

/// Makes a test of every promise. One that is missing here is unused code, which the compiler reports.
macro_rules! suite {
    ($open:ident, $append:ident) => {
        $crate::ledger::contract::suite!($open, $append; objects:
            an_older_document_never_replaces_a_newer_one_and_profiles_are_apart
            a_version_shows_since_when_it_holds_and_until_when_it_was_seen_once_another_follows
            every_version_seen_is_kept_with_its_source_in_the_order_of_its_time
            an_object_is_found_by_its_own_number_and_by_wechat_pays
            what_may_change_is_due_soon_after_a_change_and_what_is_final_never
            many_may_open_a_new_ledger_at_once
            relations_are_known_in_both_directions_and_what_is_named_is_noted_or_to_be_followed
        );
        $crate::ledger::contract::suite!($open, $append; bills:
            a_row_of_a_bill_is_an_object_that_nothing_takes_for_queried
            a_bill_taken_in_again_changes_nothing_and_another_of_its_day_takes_its_place
            nothing_of_a_file_that_is_not_verified_stays
            a_deduction_names_its_service_order_and_a_flow_what_it_moved
            in_whatever_order_bills_and_documents_come_the_same_is_known
        );
        $crate::ledger::contract::suite!($open, $append; tables:
            a_limit_of_a_filter_means_the_same_in_every_currency_and_sums_stay_apart
            a_query_that_is_called_off_ends
            a_day_is_added_up_by_hour_and_currency
            sums_beyond_64_bits_are_exact_and_right_again_after_the_amounts_are
            a_table_is_what_filter_and_order_say_wherever_one_looks
        );
        $crate::ledger::contract::suite!($open, $append; inbox:
            a_notification_is_there_once_however_often_it_comes_and_its_bytes_are_taken_once
            what_is_new_is_noted_and_due_at_once_and_two_profiles_are_apart
            an_event_of_an_unknown_type_and_a_coupon_without_its_user_are_kept
            refusals_are_one_line_for_an_hour_and_a_reason_and_what_is_kept_of_them_is_bounded
            the_inbox_is_read_page_by_page_and_searched
            a_claim_is_open_until_a_document_agrees
            what_a_bill_says_of_objects_that_were_never_fetched_waits_for_their_first_document
            a_bill_with_one_part_of_an_order_agrees_with_an_order_that_is_paid_in_parts
            of_an_order_paid_before_anybody_received_no_notification_is_awaited
            a_notification_is_awaited_only_by_who_receives_and_only_of_a_family_that_comes
            nothing_is_missed_of_what_may_have_been_so_before_anybody_received
            a_receiver_that_stops_does_not_speak_for_the_one_that_follows_it
            what_is_passed_on_stays_until_it_is_accepted_and_the_freshest_bytes_go
        );
        $crate::ledger::contract::suite!($open, $append; journal:
            an_object_has_one_open_intent_at_a_time_across_connections
            what_was_done_since_the_preview_and_what_is_open_under_another_profile_bars_an_intent
            a_raw_request_waits_until_the_same_one_has_ended
            the_same_effect_is_found_under_any_number_and_profile_until_it_was_long_ago
            the_same_effect_is_found_unless_it_did_not_happen_or_a_person_closed_it
            an_ending_of_a_later_version_never_lets_the_same_be_done_twice
            an_entry_is_read_by_its_number_with_all_its_conclusions
            entries_are_numbered_in_the_order_in_which_they_were_made
            entries_are_paged_in_both_directions_from_any_of_them
            a_chain_that_grows_while_it_is_verified_holds
            threads_append_to_one_chain
            an_open_intent_is_sent_again_and_one_that_has_ended_is_not
            an_export_has_every_entry_in_order_until_the_caller_has_enough
            a_sound_ledger_is_backed_up_whole_and_no_file_is_replaced
        );
        $crate::ledger::contract::suite!($open, $append; held:
            a_difference_is_open_until_its_other_side_arrives
            a_person_closes_a_difference_and_the_journal_has_it
        );
        $crate::ledger::contract::suite!($open, $append; watches:
            a_watch_is_kept_by_profile_until_the_commit_that_makes_its_object_final
            a_final_document_that_comes_late_ends_no_watch
            what_is_watched_is_not_named_as_due_as_it_has_a_pace_of_its_own
            the_same_answer_again_only_says_so_and_one_of_another_version_is_named
            a_failed_query_is_due_later_in_the_same_commit
            what_is_seen_first_has_not_just_changed
            documents_that_say_the_same_have_one_digest
            only_what_others_write_is_news
            an_object_that_a_new_notification_of_others_names_is_news
            what_others_write_is_reported
            a_thousand_watches_are_read_at_once_and_the_longest_first
        );
    };
    ($open:ident, $append:ident; $part:ident: $($promise:ident)*) => {
        mod $part {
            use $crate::ledger::contract::{Place, $part};

            $(
                #[test]
                fn $promise() {
                    $part::$promise(&Place::new(super::$open, super::$append));
                }
            )*
        }
    };
}

pub(super) use suite;

pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_timestamp(1_700_000_000 + seconds).unwrap()
}

pub(super) fn id(kind: Kind, number: &str) -> ObjectId {
    ObjectId::new(kind, Number::parse(number).unwrap())
}

pub(super) fn fresh(kind: Kind, document: Value, seconds: i64) -> Fresh {
    let object = Object::parse(kind, &document.to_string()).unwrap();
    Fresh { object, verified_at: at(seconds), source: Source::Query }
}

pub(super) fn plan(name: &str, seconds: i64) -> Fresh {
    let document = json!({"merchant_plan_no": "P-1", "plan_id": "77", "plan_name": name, "plan_state": "NORMAL"});
    fresh(Kind::Plan, document, seconds)
}

/// One transaction of `amount` fen.
pub(super) fn paid(number: &str, fen: i64) -> Fresh {
    let document = json!({"out_trade_no": number, "trade_state": "SUCCESS", "amount": {"total": fen}});
    fresh(Kind::Transaction, document, 0)
}
