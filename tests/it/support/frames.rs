//! AMQP by hand: a message that no client library would write.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

use super::servers;

/// Publishes a message to `exchange` with these bytes as its `message_id` and this `user_id`.
pub async fn publish_with_id(
    exchange: &str,
    routing_key: &str,
    id: &[u8],
    user: &str,
    body: &[u8],
) {
    let url = Url::parse(&servers::amqp_url()).unwrap();
    let address = (url.host_str().unwrap().to_owned(), url.port().unwrap_or(5672));
    let mut wire = TcpStream::connect(address).await.unwrap();
    wire.write_all(b"AMQP\0\0\x09\x01").await.unwrap();
    read(&mut wire, (10, 10)).await;
    let password = url.password().unwrap_or("guest");
    let plain = format!("\0{}\0{password}", if user.is_empty() { "guest" } else { user });
    let start_ok = [long(b""), short(b"PLAIN"), long(plain.as_bytes()), short(b"en_US")].concat();
    method(&mut wire, 0, (10, 11), &start_ok).await;
    let tune = read(&mut wire, (10, 30)).await;
    method(&mut wire, 0, (10, 31), &tune).await;
    let vhost = url.path().trim_start_matches('/').replace("%2f", "/").replace("%2F", "/");
    let vhost = if vhost.is_empty() { "/".to_owned() } else { vhost };
    method(&mut wire, 0, (10, 40), &[short(vhost.as_bytes()), short(b""), vec![0]].concat()).await;
    read(&mut wire, (10, 41)).await;
    method(&mut wire, 1, (20, 10), &short(b"")).await;
    read(&mut wire, (20, 11)).await;
    method(&mut wire, 1, (85, 10), &[0]).await;
    read(&mut wire, (85, 11)).await;
    let to = [vec![0, 0], short(exchange.as_bytes()), short(routing_key.as_bytes()), vec![1]];
    method(&mut wire, 1, (60, 40), &to.concat()).await;
    // Which properties there are, from the highest bit: message_id is the ninth, user_id the twelfth.
    let flags: u16 = (1 << (15 - 8)) | (1 << (15 - 11));
    let mut header = [60_u16.to_be_bytes(), 0_u16.to_be_bytes()].concat();
    header.extend((body.len() as u64).to_be_bytes());
    header.extend(flags.to_be_bytes());
    header.extend(short(id));
    header.extend(short(user.as_bytes()));
    frame(&mut wire, 2, 1, &header).await;
    frame(&mut wire, 3, 1, body).await;
    read(&mut wire, (60, 80)).await;
}

fn short(text: &[u8]) -> Vec<u8> {
    [&[u8::try_from(text.len()).unwrap()], text].concat()
}

fn long(text: &[u8]) -> Vec<u8> {
    [&u32::try_from(text.len()).unwrap().to_be_bytes(), text].concat()
}

async fn method(wire: &mut TcpStream, channel: u16, (class, id): (u16, u16), arguments: &[u8]) {
    let head = [class.to_be_bytes(), id.to_be_bytes()].concat();
    frame(wire, 1, channel, &[&head, arguments].concat()).await;
}

async fn frame(wire: &mut TcpStream, kind: u8, channel: u16, payload: &[u8]) {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let frame = [&[kind], &channel.to_be_bytes()[..], &length, payload, &[0xCE]].concat();
    wire.write_all(&frame).await.unwrap();
}

/// The method that must come next, without its number.
async fn read(wire: &mut TcpStream, wanted: (u16, u16)) -> Vec<u8> {
    let mut head = [0; 7];
    wire.read_exact(&mut head).await.unwrap();
    let length = u32::from_be_bytes(head[3..7].try_into().unwrap());
    let mut payload = vec![0; length as usize + 1];
    wire.read_exact(&mut payload).await.unwrap();
    let class = u16::from_be_bytes(payload[0..2].try_into().unwrap());
    let id = u16::from_be_bytes(payload[2..4].try_into().unwrap());
    assert_eq!((class, id), wanted, "{}", String::from_utf8_lossy(&payload));
    payload[4..payload.len() - 1].to_vec()
}
