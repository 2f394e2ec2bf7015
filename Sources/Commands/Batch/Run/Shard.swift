/// The part of a job that one process does.
struct Shard: Sendable, Equatable {
    /// From 1.
    let index: Int
    let count: Int

    /// The whole job.
    static let whole = Shard(index: 1, count: 1)

    /// More shards than anyone starts.
    static let maximumCount = 10_000

    /// Of elements in the order of the job, those that belong to this shard.
    ///
    /// Blocks that follow each other and differ by one element at most: as tasks are ordered by model,
    /// no more shards share a model than must, and each of them analyses it once.
    func part<Element>(of elements: [Element]) -> ArraySlice<Element> {
        let start = elements.count * (index - 1) / count
        let end = elements.count * index / count
        return elements[start..<end]
    }
}

extension Shard: CustomStringConvertible {
    /// As the command line spells it.
    var description: String { "\(index)/\(count)" }
}

extension Shard {
    /// Reads `i/n`, `auto` or `auto/n`.
    ///
    /// - Parameter environment: where `auto` finds what the scheduler says.
    /// - Throws: ``CommandFailure`` for a text that is none of these, and for variables that are
    ///   missing or do not go together.
    init(_ text: String, environment: [String: String]) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let count = parts.count == 2 ? Self.number(parts[1]) : nil
        guard (1...2).contains(parts.count), parts.count == 1 || count != nil,
            parts[0] == "auto" || Self.number(parts[0]) != nil && parts.count == 2
        else {
            throw CommandFailure(
                .usage, "--shard \(text): must be i/n, as 2/4, or auto, or auto/n")
        }
        guard let index = Self.number(parts[0]) else {
            self = try Scheduler.shard(count: count, environment: environment)
            return
        }
        self = try Self.checked(index, of: count ?? 1, "--shard \(text)")
    }

    /// A shard whose index is from 1 to its count.
    static func checked(_ index: Int, of count: Int, _ place: String) throws -> Shard {
        guard (1...maximumCount).contains(count) else {
            throw CommandFailure(
                .usage, "\(place): the number of shards must be from 1 to \(maximumCount)")
        }
        guard (1...count).contains(index) else {
            throw CommandFailure(
                .usage, "\(place): shard \(index) is not among the shards 1 to \(count)")
        }
        return Shard(index: index, count: count)
    }

    /// A whole number in plain digits.
    static func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            ? Int(text) : nil
    }
}
