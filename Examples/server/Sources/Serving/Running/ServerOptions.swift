package import ArgumentParser
import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore

/// Where a server listens, and what bounds what clients may take from it.
package struct ServerOptions: ParsableArguments {
    @Option(help: "The address to listen on.")
    package var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    package var port = 8080

    @Option(help: "The largest body of a request, in KiB.")
    package var bodyKib = 64

    @Option(
        help: "Seconds that a client has to send a request, and to take each 256 KiB of an answer.")
    package var requestSeconds = 20

    @Option(help: "Seconds after which a connection without a request is closed.")
    package var idleSeconds = 60

    @Option(help: "Connections at a time; those beyond wait to be accepted.")
    package var connections = 1024

    @Option(help: "Requests at a time; those beyond get status 503.")
    package var requests = 256

    @Option(help: "Seconds that answers have to end after SIGTERM or SIGINT.")
    package var graceSeconds = 30

    @Option(
        help: ArgumentHelp(
            "The header in which your own proxy gives the client's address. Without a proxy, leave it out.",
            valueName: "name"))
    package var clientHeader: String?

    @Option(
        help: ArgumentHelp(
            "A file with the secret that clients' keys are made with, at least 32 bytes; the same for several servers.",
            valueName: "file"), completion: .file())
    package var clientSecret: String?

    @Option(
        help: ArgumentHelp(
            "A web page's origin whose scripts may ask, such as https://app.example; * for any.",
            valueName: "origin"))
    package var allowOrigin: String?

    @Option(help: "trace, debug, info, notice, warning, error or critical.")
    package var logLevel = Logger.Level.info.rawValue

    /// What the command line says; made by its parser.
    package init() {}

    /// Refuses what makes no sense.
    ///
    /// - Throws: `ValidationError` with words.
    package func validate() throws {
        for (name, value, range) in [
            ("port", port, 0...65_535), ("body-kib", bodyKib, 1...1_048_576),
            ("request-seconds", requestSeconds, 1...3600),
            ("idle-seconds", idleSeconds, 1...86_400), ("connections", connections, 1...1_000_000),
            ("requests", requests, 1...1_000_000), ("grace-seconds", graceSeconds, 0...86_400),
        ] where !range.contains(value) {
            throw ValidationError(
                "--\(name) must be from \(range.lowerBound) to \(range.upperBound).")
        }
        guard Logger.Level(rawValue: logLevel) != nil else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--log-level \(logLevel): must be one of \(levels).")
        }
        if let clientHeader, HTTPField.Name(clientHeader) == nil {
            throw ValidationError("--client-header \(clientHeader): no name of a header.")
        }
    }

    /// Most bytes of a body.
    package var bodyBytes: Int { bodyKib << 10 }

    /// What makes clients' keys.
    ///
    /// - Throws: `ValidationError` if the secret cannot be read or is too short.
    package func clientKeys() throws -> ClientKeys {
        let secret = try clientSecret.map { path in
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ValidationError("--client-secret \(path): cannot be read.")
            }
            guard data.count >= 32 else {
                throw ValidationError("--client-secret \(path): fewer than 32 bytes.")
            }
            return [UInt8](data)
        }
        return ClientKeys(secret: secret, header: clientHeader.flatMap { HTTPField.Name($0) })
    }

    /// Where this server's events go: standard error.
    package func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        return logger
    }
}
