import Contexts
package import Foundation

extension VariantManifest: Codable {
    enum CodingKeys: String, CodingKey {
        case kind, schema, tool, base, variant, profile, plan, costs, workload, folds, recovery,
            proof, accuracy, agreement
    }

    /// - Throws: `DecodingError` for missing keys and for values that cannot be.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            tool: try container.decode(Tool.self, forKey: .tool),
            base: try container.decode(Base.self, forKey: .base),
            variant: try container.decode(File.self, forKey: .variant),
            profile: try container.decode(ProfileRecord.self, forKey: .profile),
            plan: try container.decode(JSONValue.self, forKey: .plan),
            costs: try container.decode(BeforeAfter.self, forKey: .costs),
            workload: try container.decode(WorkloadSummary.self, forKey: .workload),
            folds: try container.decode([FoldRecord].self, forKey: .folds),
            recovery: try container.decodeIfPresent(RecoveryRecord.self, forKey: .recovery),
            proof: try container.decode(ProofRecord.self, forKey: .proof),
            accuracy: try container.decodeIfPresent(AccuracyRecord.self, forKey: .accuracy),
            agreement: try container.decodeIfPresent(AgreementRecord.self, forKey: .agreement))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.kind, forKey: .kind)
        try container.encode(Self.currentSchema, forKey: .schema)
        try container.encode(tool, forKey: .tool)
        try container.encode(base, forKey: .base)
        try container.encode(variant, forKey: .variant)
        try container.encode(profile, forKey: .profile)
        try container.encode(plan, forKey: .plan)
        try container.encode(costs, forKey: .costs)
        try container.encode(workload, forKey: .workload)
        try container.encode(folds, forKey: .folds)
        try container.encodeIfPresent(recovery, forKey: .recovery)
        try container.encode(proof, forKey: .proof)
        try container.encodeIfPresent(accuracy, forKey: .accuracy)
        try container.encodeIfPresent(agreement, forKey: .agreement)
    }
}

extension VariantManifest {
    /// Larger files are no manifests.
    package static let largestByteCount = 1 << 26

    /// The stored form; equal manifests give equal bytes.
    ///
    /// - Throws: `EncodingError` for numbers that JSON cannot hold (infinite ones).
    package func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// Reads the stored form from a file.
    ///
    /// - Throws: ``VariantStoreError``.
    package init(readingFrom path: String) throws(VariantStoreError) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw VariantStoreError(.unreadable(errno: errno), file: path)
        }
        defer { try? handle.close() }
        let bytes: Data
        do { bytes = try handle.read(upToCount: Self.largestByteCount + 1) ?? Data() } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let number = cause.flatMap { Int32(exactly: $0.code) } ?? EIO
            throw VariantStoreError(.unreadable(errno: number), file: path)
        }
        guard bytes.count <= Self.largestByteCount else {
            throw VariantStoreError(.tooLarge(limit: Self.largestByteCount), file: path)
        }
        try self.init(parsing: bytes, file: path)
    }

    /// Reads the stored form; keys that are not known are left alone.
    ///
    /// - Parameter file: the name to give in errors.
    /// - Throws: ``VariantStoreError``: what is no manifest, what another version made and what is damaged
    ///   are told apart.
    package init(parsing bytes: Data, file: String) throws(VariantStoreError) {
        let decoder = JSONDecoder()
        let heading: Heading
        do { heading = try decoder.decode(Heading.self, from: bytes) } catch {
            throw Self.failureOfHeading(error, bytes: bytes, file: file)
        }
        guard heading.kind == Self.kind, let schema = heading.schema else {
            throw VariantStoreError(.notAManifest, file: file)
        }
        guard schema <= Self.currentSchema else {
            throw VariantStoreError(.tooNew(schema: schema), file: file)
        }
        guard schema == Self.currentSchema else {
            throw VariantStoreError(.tooOld(schema: schema), file: file)
        }
        do { self = try decoder.decode(Self.self, from: bytes) } catch {
            throw Self.damage(error, file: file)
        }
    }

    /// What tells whether the rest can be understood.
    private struct Heading: Decodable {
        var kind: String?
        var schema: Int?
    }

    /// A document that breaks off but begins as a manifest is a damaged one; any other is none.
    private static func failureOfHeading(
        _ error: any Error, bytes: Data, file: String
    ) -> VariantStoreError {
        let looksLikeOne = bytes.range(of: Data("\"\(kind)\"".utf8)) != nil
        let isCut =
            bytes.first == UInt8(ascii: "{") && bytes.range(of: Data("\"base\"".utf8)) != nil
        guard looksLikeOne || isCut else { return VariantStoreError(.notAManifest, file: file) }
        return damage(error, file: file)
    }

    private static func damage(_ error: any Error, file: String) -> VariantStoreError {
        func failure(_ path: [any CodingKey], _ detail: String) -> VariantStoreError {
            let key = path.map { $0.intValue.map(String.init) ?? $0.stringValue }
            return VariantStoreError(
                .damaged, file: file, key: key.joined(separator: "."), detail: detail)
        }
        switch error as? DecodingError {
        case .keyNotFound(let key, let context):
            return failure(context.codingPath + [key], "is missing")
        case .valueNotFound(_, let context): return failure(context.codingPath, "is missing")
        case .typeMismatch(_, let context): return failure(context.codingPath, "is of another type")
        case .dataCorrupted(let context):
            return failure(
                context.codingPath,
                context.codingPath.isEmpty ? "is not JSON" : context.debugDescription)
        default: return failure([], "\(error)")
        }
    }
}
