import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Serving

/// What `POST /predict` is asked: a sample, until when, and how good.
struct PredictionRequest: Sendable {
    /// How numbers travel.
    enum Form: String, Sendable {
        /// float32, little-endian, row-major.
        case binary = "application/octet-stream"
        /// An array of numbers, flat or nested.
        case json = "application/json"
    }

    /// The family; nil for the only one.
    let model: String?
    let sample: [Float]
    /// Milliseconds from when the request came in.
    let deadlineMs: Double
    let accuracyFloor: Double?
    /// Of the answer.
    let form: Form

    /// Reads a request.
    ///
    /// - Throws: ``Problem`` with status 400, 413 or 415.
    init(_ request: Request, bodyBytes: Int, defaultDeadlineMs: Double) async throws {
        model = request.uri.queryParameters.get("model")
        deadlineMs =
            try Self.number("Deadline-Ms", request, 0...3_600_000) ?? defaultDeadlineMs
        accuracyFloor = try Self.number("Accuracy-Floor", request, 0...1)
        let type = request.headers[.contentType]?.prefix { $0 != ";" }
            .trimmingCharacters(in: .whitespaces).lowercased()
        guard let sent = type.map({ Form(rawValue: $0) }) ?? .binary else {
            throw Problem(
                .unsupportedMediaType, "media-type",
                "A sample is application/octet-stream (float32, little-endian) or application/json."
            )
        }
        let accepted = request.headers[values: .accept].joined(separator: ",").lowercased()
        form =
            accepted.contains(Form.json.rawValue)
            ? .json : accepted.contains(Form.binary.rawValue) ? .binary : sent
        let body = try await request.body.collect(upTo: bodyBytes)
        sample = try Self.sample(body, sent)
    }

    private static func number(
        _ header: String, _ request: Request, _ range: ClosedRange<Double>
    ) throws(Problem) -> Double? {
        guard let name = HTTPField.Name(header), let text = request.headers[name] else {
            return nil
        }
        guard let number = Double(text), range.contains(number) else {
            throw Problem(
                .badRequest, "bad-header",
                "\(header) must be a number from \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }

    private static func sample(_ body: ByteBuffer, _ form: Form) throws(Problem) -> [Float] {
        switch form {
        case .binary:
            guard body.readableBytes.isMultiple(of: 4) else {
                throw Problem(
                    .badRequest, "bad-sample", "The body is no whole number of float32 values.")
            }
            return body.withUnsafeReadableBytes { bytes in
                (0..<bytes.count / 4).map { place in
                    Float(
                        bitPattern: UInt32(
                            littleEndian: bytes.loadUnaligned(
                                fromByteOffset: place * 4, as: UInt32.self)))
                }
            }
        case .json:
            do {
                return try JSONDecoder().decode(
                    NestedNumbers.self, from: Data(body.readableBytesView)
                ).values
            } catch {
                throw Problem(.badRequest, "bad-sample", "The body is no JSON array of numbers.")
            }
        }
    }
}

/// Numbers in arrays of any depth that the JSON reader allows, in their order.
struct NestedNumbers: Decodable {
    private(set) var values: [Float] = []

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        while !container.isAtEnd {
            if let value = try? container.decode(Float.self) {
                values.append(value)
            } else {
                values += try container.decode(NestedNumbers.self).values
            }
        }
    }
}
