import Foundation

/// How long inference took on one machine, of the base and of the variant, measured side by side.
///
/// It stands beside the variant and not in its manifest: the same inputs give the same variant on every
/// machine, but not the same times. `docs/schemas/measurement.schema.json` describes the stored form.
package struct MeasurementRecord: Sendable, Equatable, Codable {
    /// The version of the stored form that this code reads and writes.
    package static let currentSchema = 1
    /// What marks a JSON document as a measurement.
    package static let kind = "espalier-measurement"

    /// What was measured.
    package struct Latency: Sendable, Equatable, Codable {
        /// Milliseconds of one inference, median of the runs.
        package var medianMs: Double
        /// Half the width of the interval that holds the median with 95 % confidence, milliseconds.
        package var uncertaintyMs: Double

        package init(medianMs: Double, uncertaintyMs: Double) {
            self.medianMs = medianMs
            self.uncertaintyMs = uncertaintyMs
        }

        enum CodingKeys: String, CodingKey {
            case medianMs = "median-ms"
            case uncertaintyMs = "uncertainty-ms"
        }
    }

    /// Where it was measured.
    package struct Machine: Sendable, Equatable, Hashable, Codable {
        /// As the processor calls itself.
        package var processor: String
        package var cores: Int
        package var memoryBytes: Int
        /// Operating system and kernel.
        package var system: String
        package var toolVersion: String

        package init(
            processor: String, cores: Int, memoryBytes: Int, system: String, toolVersion: String
        ) {
            self.processor = processor
            self.cores = cores
            self.memoryBytes = memoryBytes
            self.system = system
            self.toolVersion = toolVersion
        }

        enum CodingKeys: String, CodingKey {
            case processor, cores, system
            case memoryBytes = "memory-bytes"
            case toolVersion = "tool-version"
        }
    }

    package var base: Latency
    package var variant: Latency
    /// Timed runs of each.
    package var runs: Int
    package var threads: Int
    package var batch: Int
    package var machine: Machine

    package init(
        base: Latency, variant: Latency, runs: Int, threads: Int, batch: Int, machine: Machine
    ) {
        self.base = base
        self.variant = variant
        self.runs = runs
        self.threads = threads
        self.batch = batch
        self.machine = machine
    }

    enum CodingKeys: String, CodingKey {
        case kind, schema, base, variant, runs, threads, batch, machine
    }

    /// - Throws: `DecodingError` for missing keys, for another kind and for a schema that is not known.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard try container.decode(String.self, forKey: .kind) == Self.kind else {
            throw DecodingError.dataCorruptedError(
                forKey: .kind, in: container, debugDescription: "is not '\(Self.kind)'")
        }
        let schema = try container.decode(Int.self, forKey: .schema)
        guard schema == Self.currentSchema else {
            throw DecodingError.dataCorruptedError(
                forKey: .schema, in: container,
                debugDescription: schema > Self.currentSchema
                    ? "\(schema) is newer than \(Self.currentSchema), the newest that is read"
                    : "\(schema) is not read any more")
        }
        self.init(
            base: try container.decode(Latency.self, forKey: .base),
            variant: try container.decode(Latency.self, forKey: .variant),
            runs: try container.decode(Int.self, forKey: .runs),
            threads: try container.decode(Int.self, forKey: .threads),
            batch: try container.decode(Int.self, forKey: .batch),
            machine: try container.decode(Machine.self, forKey: .machine))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.kind, forKey: .kind)
        try container.encode(Self.currentSchema, forKey: .schema)
        try container.encode(base, forKey: .base)
        try container.encode(variant, forKey: .variant)
        try container.encode(runs, forKey: .runs)
        try container.encode(threads, forKey: .threads)
        try container.encode(batch, forKey: .batch)
        try container.encode(machine, forKey: .machine)
    }
}

extension MeasurementRecord {
    /// Reads the stored form; keys that are not known are left alone.
    ///
    /// - Parameter file: the name to give in errors.
    /// - Throws: ``VariantStoreError`` with `damagedMeasurement`.
    package init(parsing bytes: [UInt8], file: String) throws(VariantStoreError) {
        do { self = try JSONDecoder().decode(Self.self, from: Data(bytes)) } catch {
            var detail = "it is not JSON"
            switch error as? DecodingError {
            case .keyNotFound(let key, _): detail = "'\(key.stringValue)' is missing"
            case .dataCorrupted(let context), .typeMismatch(_, let context),
                .valueNotFound(_, let context):
                if let key = context.codingPath.last {
                    detail = "'\(key.stringValue)': \(context.debugDescription)"
                }
            default: break
            }
            throw VariantStoreError(.damagedMeasurement, file: file, detail: detail)
        }
    }
}
