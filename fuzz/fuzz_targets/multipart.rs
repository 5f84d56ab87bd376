#![cfg_attr(fuzzing, no_main)]
//! See `attendium_fuzz::incremental::multipart`.

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attendium_fuzz::incremental::multipart(bytes));

#[cfg(not(fuzzing))]
fn main() {
    println!("run me with: cargo +nightly fuzz run multipart");
}
