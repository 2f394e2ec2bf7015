import Crypto
import Foundation
import Glibc
package import HTTPTypes
package import Hummingbird
import NIOCore

/// Makes the keys that clients are told apart by, for limits of reports and for stable roll-outs.
///
/// A key is a hash of where the connection comes from and of a secret: clients can neither choose it nor
/// tell another's. Of an IPv6 address the first 64 bits count, as one client has all of the rest.
package struct ClientKeys: Sendable {
    private let secret: SymmetricKey
    private let header: HTTPField.Name?

    /// - Parameters:
    ///   - secret: what keys are made with; without one they are others after each start.
    ///   - header: where the operator's proxy writes the client's address, such as `X-Forwarded-For`. The
    ///     last address in it counts, which is the one that the nearest proxy wrote.
    package init(secret: [UInt8]? = nil, header: HTTPField.Name? = nil) {
        self.secret = secret.map { SymmetricKey(data: $0) } ?? SymmetricKey(size: .bits256)
        self.header = header
    }

    /// The key of whoever sent a request: 32 hexadecimal digits.
    package func key(of request: Request, _ context: ServerContext) -> String {
        if let header, let value = request.headers[values: header].last,
            let address = value.split(separator: ",").last
        {
            let text = address.trimmingCharacters(in: .whitespaces)
            if let parsed = try? SocketAddress(ipAddress: text, port: 0) {
                return key(of: Self.bytes(of: parsed))
            }
        }
        return key(of: context.channel.remoteAddress.map(Self.bytes) ?? [])
    }

    /// What of an address tells clients apart.
    static func bytes(of address: SocketAddress) -> [UInt8] {
        let text = String((address.ipAddress ?? "").prefix { $0 != "%" })
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return [] }
        let isMapped =
            bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11].allSatisfy { $0 == 0xFF }
        return isMapped ? Array(bytes.suffix(4)) : Array(bytes.prefix(8))
    }

    private func key(of bytes: [UInt8]) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: bytes, using: secret)
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in Array(code).prefix(16) {
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }
}
