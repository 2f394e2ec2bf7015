import Foundation

/// Why a text is no context.
public struct ContextError: Error, Sendable, Hashable {
    /// What is wrong.
    public enum Code: Sendable, Hashable {
        /// More bytes than the limit.
        case tooLarge(limit: Int)
        /// Not JSON.
        case notJSON
        /// A value of another type than its key has.
        case wrongType
    }

    /// What is wrong.
    public let code: Code
    /// The key with its sections, such as `network.bandwidth-mbps`; empty for the whole.
    public let key: String
}

extension RequestContext {
    /// More bytes are no context.
    public static let largestByteCount = 65_536

    /// Reads a context from JSON with the keys of `docs/schemas/context.schema.json`.
    ///
    /// Keys that are not known are left alone, so that an older server takes a newer client's.
    /// - Throws: ``ContextError``; numbers that make no sense are no error here, see ``issues``.
    public init(json bytes: some Collection<UInt8>) throws(ContextError) {
        guard bytes.count <= Self.largestByteCount else {
            throw ContextError(code: .tooLarge(limit: Self.largestByteCount), key: "")
        }
        do { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
            throw ContextError(error)
        }
    }
}

extension ContextError {
    fileprivate init(_ error: any Error) {
        let path: [any CodingKey]
        switch error as? DecodingError {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .keyNotFound(_, let context), .dataCorrupted(let context):
            path = context.codingPath
        default: path = []
        }
        if case .dataCorrupted? = error as? DecodingError, path.isEmpty {
            self.init(code: .notJSON, key: "")
        } else {
            let names = path.map { $0.intValue.map(String.init) ?? $0.stringValue }
            self.init(code: .wrongType, key: names.joined(separator: "."))
        }
    }
}

extension RequestContext: Codable {
    enum CodingKeys: String, CodingKey {
        case model, device, network, deadline, cached, loaded, client
        case accuracyFloor = "accuracy-floor"
    }

    enum DeadlineKeys: String, CodingKey {
        case load = "load-ms"
        case inference = "inference-ms"
    }

    /// Reads the keys of `docs/schemas/context.schema.json`; each may be absent or null.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            model: try container.decodeIfPresent(String.self, forKey: .model),
            device: try container.decodeIfPresent(Device.self, forKey: .device) ?? Device(),
            network: try container.decodeIfPresent(Network.self, forKey: .network),
            accuracyFloor: try container.decodeIfPresent(Double.self, forKey: .accuracyFloor),
            cached: try container.decodeIfPresent([String].self, forKey: .cached) ?? [],
            loaded: try container.decodeIfPresent([String].self, forKey: .loaded) ?? [],
            client: try container.decodeIfPresent(String.self, forKey: .client))
        guard container.contains(.deadline), try !container.decodeNil(forKey: .deadline) else {
            return
        }
        let deadline = try container.nestedContainer(keyedBy: DeadlineKeys.self, forKey: .deadline)
        loadDeadlineMs = try deadline.decodeIfPresent(Double.self, forKey: .load)
        inferenceDeadlineMs = try deadline.decodeIfPresent(Double.self, forKey: .inference)
    }

    /// Writes what is there.
    ///
    /// - Throws: `EncodingError` for numbers that the format cannot hold.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(model, forKey: .model)
        if device != Device() { try container.encode(device, forKey: .device) }
        try container.encodeIfPresent(network, forKey: .network)
        if loadDeadlineMs != nil || inferenceDeadlineMs != nil {
            var deadline = container.nestedContainer(keyedBy: DeadlineKeys.self, forKey: .deadline)
            try deadline.encodeIfPresent(loadDeadlineMs, forKey: .load)
            try deadline.encodeIfPresent(inferenceDeadlineMs, forKey: .inference)
        }
        try container.encodeIfPresent(accuracyFloor, forKey: .accuracyFloor)
        if !cached.isEmpty { try container.encode(cached, forKey: .cached) }
        if !loaded.isEmpty { try container.encode(loaded, forKey: .loaded) }
        try container.encodeIfPresent(client, forKey: .client)
    }
}

extension RequestContext.Network: Codable {
    enum CodingKeys: String, CodingKey {
        case bandwidth = "bandwidth-mbps"
        case bandwidthDeviation = "bandwidth-deviation-mbps"
        case roundTrip = "round-trip-ms"
        case roundTripDeviation = "round-trip-deviation-ms"
    }

    /// Reads values and their deviations from keys beside each other.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func estimate(_ key: CodingKeys, _ deviation: CodingKeys) throws -> Estimate? {
            guard let value = try container.decodeIfPresent(Double.self, forKey: key) else {
                return nil
            }
            return Estimate(
                value, deviation: try container.decodeIfPresent(Double.self, forKey: deviation) ?? 0
            )
        }
        self.init(
            bandwidthMbps: try estimate(.bandwidth, .bandwidthDeviation),
            roundTripMs: try estimate(.roundTrip, .roundTripDeviation))
    }

    /// Writes what is there; a deviation of 0 is left out.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        func write(_ estimate: Estimate?, _ key: CodingKeys, _ deviation: CodingKeys) throws {
            guard let estimate else { return }
            try container.encode(estimate.value, forKey: key)
            if estimate.deviation != 0 {
                try container.encode(estimate.deviation, forKey: deviation)
            }
        }
        try write(bandwidthMbps, .bandwidth, .bandwidthDeviation)
        try write(roundTripMs, .roundTrip, .roundTripDeviation)
    }
}
