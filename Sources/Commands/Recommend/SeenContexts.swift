import Foundation
import RuntimeAdapter

/// The contexts that a recommendation is about, each with how often it was seen.
struct SeenContexts {
    private(set) var contexts: [WeightedContext] = []
    private(set) var performance = PerformanceState(cells: [])
    /// What was left out or changed, in words.
    private(set) var notes: [String] = []

    /// So many kinds of contexts are told apart as they stand; of more, numbers are rounded.
    static let mostExact = 8192
    /// So many are told apart at all; of more, those go that are seen least.
    static let mostKinds = 16_384

    private var counts: [RequestContext: (count: Double, place: Int)] = [:]
    private var isRounded = false
    private var dropped = 0.0
    private var otherModels = 0.0
    private let model: String?
    private let catalogue: VariantCatalogue

    private init(model: String?, catalogue: VariantCatalogue) {
        self.model = model
        self.catalogue = catalogue
    }

    /// Reads a log: a context as JSON on each line.
    ///
    /// Holds one piece of the file at a time.
    /// - Throws: ``CommandFailure`` with the line that is no context.
    init(log path: String, model: String?, catalogue: VariantCatalogue) throws {
        self.init(model: model, catalogue: catalogue)
        var lines = try TextLines(path: path, longest: RequestContext.largestByteCount)
        while let line = try lines.next() {
            guard !line.bytes.allSatisfy({ [0x20, 0x09, 0x0D].contains($0) }) else { continue }
            let place = "\(path):\(line.number)"
            let context: RequestContext
            do throws(ContextError) { context = try RequestContext(json: line.bytes) } catch {
                throw CommandFailure(error, file: place)
            }
            add(context, count: try Self.count(in: line.bytes, place: place))
        }
        finish()
        guard !contexts.isEmpty else {
            throw CommandFailure(.badData, "\(path): there is no context in it")
        }
    }

    /// Reads what an observation store exported.
    ///
    /// - Throws: ``CommandFailure``.
    init(observations path: String, model: String?, catalogue: VariantCatalogue) throws {
        self.init(model: model, catalogue: catalogue)
        let document = try Self.document(path)
        for (index, entry) in document.contexts.enumerated() {
            guard entry.count.isFinite, entry.count >= 0 else {
                throw CommandFailure(
                    .badData, "\(path): contexts[\(index)].count: must be a number of 0 or more")
            }
            add(entry.context, count: entry.count)
        }
        finish()
        guard !contexts.isEmpty else {
            throw CommandFailure(.badData, "\(path): there is no context in it")
        }
        performance = document.performance ?? performance
    }

    private static let largestDocument = 64 << 20

    private static func document(_ path: String) throws -> ObservationDocument {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw CommandFailure(.noInput, "\(path): there is no such file")
        }
        defer { try? handle.close() }
        guard let bytes = try? handle.read(upToCount: largestDocument + 1) else {
            throw CommandFailure(.noInput, "\(path): cannot be read")
        }
        guard bytes.count <= largestDocument else {
            throw CommandFailure(
                .badData, "\(path): larger than \(Measure.bytes(largestDocument))")
        }
        let words = "this is no export of observations; docs/adapter.md shows how to make one"
        struct Version: Decodable { let schema: Int }
        guard let version = try? JSONDecoder().decode(Version.self, from: bytes) else {
            throw CommandFailure(.badData, "\(path): \(words)")
        }
        guard version.schema <= ObservationDocument.currentSchema else {
            throw CommandFailure(
                .badData,
                "\(path): schema \(version.schema), made by a newer version; this one reads schema "
                    + "\(ObservationDocument.currentSchema)")
        }
        do { return try JSONDecoder().decode(ObservationDocument.self, from: bytes) } catch {
            throw CommandFailure(.badData, "\(path): \(words)")
        }
    }

    /// How often a line's context was seen; 1 where it does not say.
    private static func count(in bytes: Data, place: String) throws -> Double {
        struct Counted: Decodable { let count: Double? }
        guard let counted = try? JSONDecoder().decode(Counted.self, from: bytes) else {
            throw CommandFailure(.badData, "\(place): count: a number is expected")
        }
        let count = counted.count ?? 1
        guard count.isFinite, count >= 0 else {
            throw CommandFailure(.badData, "\(place): count: must be a number of 0 or more")
        }
        return count
    }

    // MARK: Counting

    private mutating func add(_ context: RequestContext, count: Double) {
        guard count > 0 else { return }
        var context = context.ofNewClient
        if let model {
            guard context.model == nil || context.model == model else {
                otherModels += count
                return
            }
            context.model = model
        }
        if isRounded { context = rounded(context) }
        let known = counts[context] ?? (0, counts.count)
        counts[context] = (known.count + count, known.place)
        if !isRounded, counts.count > Self.mostExact { round() }
        if counts.count > Self.mostKinds { forget() }
    }

    /// A context that names no known model stays one that does.
    private func rounded(_ context: RequestContext) -> RequestContext {
        var kind = context.generalized(for: catalogue)
        kind.model = context.model
        return kind
    }

    private mutating func round() {
        isRounded = true
        notes.append(
            "more than \(Self.mostExact) different contexts: their numbers are rounded as a server's are"
        )
        let exact = counts.sorted { $0.value.place < $1.value.place }
        counts = [:]
        for (context, known) in exact {
            let key = rounded(context)
            let before = counts[key] ?? (0, counts.count)
            counts[key] = (before.count + known.count, before.place)
        }
    }

    private mutating func forget() {
        let sorted = counts.sorted {
            ($1.value.count, $0.value.place) < ($0.value.count, $1.value.place)
        }
        let kept = sorted.prefix(Self.mostKinds * 3 / 4)
        dropped += sorted.dropFirst(kept.count).reduce(0) { $0 + $1.value.count }
        counts = [:]
        for (place, entry) in kept.enumerated() { counts[entry.key] = (entry.value.count, place) }
    }

    private mutating func finish() {
        contexts = counts.sorted { $0.value.place < $1.value.place }.map {
            WeightedContext($0.key, count: $0.value.count)
        }
        counts = [:]
        if otherModels > 0 {
            notes.append("\(Measure.plain(otherModels)) requests are for other models")
        }
        if dropped > 0 {
            notes.append(
                "more than \(Self.mostKinds) kinds of contexts: the rarest, \(Measure.plain(dropped)) requests, are left out"
            )
        }
    }
}
