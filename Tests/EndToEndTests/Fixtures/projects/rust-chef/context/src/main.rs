use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn answer(path: &str) -> String {
    let number = path.trim_start_matches('/').parse::<u32>().unwrap_or(0);
    let doubled = itoa::Buffer::new().format(number * 2).to_owned();
    let halved = ryu::Buffer::new().format(f64::from(number) / 2.0).to_owned();
    format!("{doubled} {halved}")
}

fn serve(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = [0; 1024];
    let length = stream.read(&mut request)?;
    let text = String::from_utf8_lossy(&request[..length]).into_owned();
    let body = answer(text.split(' ').nth(1).unwrap_or("/"));
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".into());
    for stream in TcpListener::bind(format!("0.0.0.0:{port}"))?.incoming() {
        // Who goes away before the answer is no reason to end.
        let _ = serve(stream?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn doubles_and_halves() {
        assert_eq!(super::answer("/7"), "14 3.5");
    }
}
