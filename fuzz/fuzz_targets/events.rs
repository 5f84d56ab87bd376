#![cfg_attr(fuzzing, no_main)]
//! See `attendium_fuzz::subscriptions::events`.

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attendium_fuzz::subscriptions::events(bytes));

#[cfg(not(fuzzing))]
fn main() {
    println!("run me with: cargo +nightly fuzz run events");
}
