import Contexts
import Foundation
import RuntimeAdapter

/// What `--context` says: a file with a context as JSON, and single keys as key=value.
///
/// What stands later wins.
struct ContextArguments {
    private(set) var context = RequestContext()
    /// Deviations, until it is known what they are deviations of.
    private var deviations: [ContextField: Double] = [:]

    /// - Throws: ``CommandFailure``.
    init(_ arguments: [String]) throws {
        for argument in arguments {
            guard let equals = argument.firstIndex(of: "="),
                !FileManager.default.fileExists(atPath: argument)
            else {
                context = try Self.read(argument)
                deviations = [:]
                continue
            }
            try set(
                String(argument[..<equals]), to: String(argument[argument.index(after: equals)...]))
        }
        try applyDeviations()
    }

    private static func read(_ path: String) throws -> RequestContext {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(
                .noInput,
                "--context \(path): there is no such file, and it is no key=value with a key of "
                    + keys.joined(separator: ", "))
        }
        defer { try? handle.close() }
        let bytes: Data
        do {
            bytes = try handle.read(upToCount: RequestContext.largestByteCount + 1) ?? Data()
        } catch {
            throw CommandFailure(.noInput, "\(path): cannot be read")
        }
        do throws(ContextError) { return try RequestContext(json: bytes) } catch {
            throw CommandFailure(error, file: path)
        }
    }

    private static var keys: [String] { ContextField.allCases.map(\.rawValue) }

    private mutating func set(_ key: String, to text: String) throws {
        guard let field = ContextField(rawValue: key) else {
            let near = Spelling.suggestion(for: key, among: Self.keys)
            throw CommandFailure(
                .usage,
                "--context \(key)=…: no such key; "
                    + (near.map { "did you mean \($0)?" }
                        ?? "there are \(Self.keys.joined(separator: ", "))"))
        }
        switch field {
        case .model: context.model = text
        case .runtime: context.device.runtime = text
        case .deviceClass: context.device.deviceClass = text
        case .client: context.client = text
        case .cached: context.cached += text.split(separator: ",").map(String.init)
        case .loaded: context.loaded += text.split(separator: ",").map(String.init)
        default:
            guard let number = Double(text) else {
                throw CommandFailure(.usage, "--context \(key)=\(text): must be a number")
            }
            set(field, to: number)
        }
    }

    private mutating func set(_ field: ContextField, to number: Double) {
        switch field {
        case .peakGflops: context.device.peakGflops = number
        case .memoryBandwidth: context.device.memoryBandwidthGBps = number
        case .layerOverhead: context.device.layerOverheadUs = number
        case .memory: context.device.memoryMiB = number
        case .bandwidth: network.bandwidthMbps = Estimate(number)
        case .roundTrip: network.roundTripMs = Estimate(number)
        case .bandwidthDeviation, .roundTripDeviation: deviations[field] = number
        case .loadDeadline: context.loadDeadlineMs = number
        case .inferenceDeadline: context.inferenceDeadlineMs = number
        case .accuracyFloor: context.accuracyFloor = number
        case .model, .runtime, .deviceClass, .cached, .loaded, .client: break
        }
    }

    private var network: RequestContext.Network {
        get { context.network ?? RequestContext.Network() }
        set { context.network = newValue }
    }

    private mutating func applyDeviations() throws {
        if let deviation = deviations[.bandwidthDeviation] {
            guard network.bandwidthMbps != nil else {
                throw Self.lacking(.bandwidthDeviation, .bandwidth)
            }
            network.bandwidthMbps?.deviation = deviation
        }
        if let deviation = deviations[.roundTripDeviation] {
            guard network.roundTripMs != nil else {
                throw Self.lacking(.roundTripDeviation, .roundTrip)
            }
            network.roundTripMs?.deviation = deviation
        }
    }

    private static func lacking(_ field: ContextField, _ other: ContextField) -> CommandFailure {
        CommandFailure(.usage, "--context \(field.rawValue)=…: of no use without \(other.rawValue)")
    }
}

extension CommandFailure {
    init(_ error: ContextError, file: String) {
        let words =
            switch error.code {
            case .tooLarge(let limit): "larger than \(Measure.bytes(limit)), so it is no context"
            case .notJSON: "this is no JSON; docs/adapter.md shows a context"
            case .wrongType:
                error.key.isEmpty
                    ? "a context is a JSON object; docs/adapter.md shows one"
                    : "\(error.key): a value of another type is expected; docs/adapter.md shows a context"
            }
        self.init(.badData, "\(file): \(words)")
    }
}
