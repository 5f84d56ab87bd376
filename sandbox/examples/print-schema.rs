//! Prints the SDL that the sandbox serves:
//! `cargo run -p attendium-sandbox --example print-schema > schema/attendium.graphql`

fn main() {
    print!("{}", attendium_sandbox::sdl());
}
