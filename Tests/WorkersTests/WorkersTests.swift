import Foundation
import Synchronization
import Testing

@testable import Workers

@Suite("Work is spread over the threads that it may use", .serialized)
struct WorkersTests {
    /// The most calls that were going on at once.
    private final class Gauge: Sendable {
        private let state = Mutex((now: 0, most: 0))

        func enter() {
            state.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        }

        func leave() { state.withLock { $0.now -= 1 } }

        var most: Int { state.withLock(\.most) }
    }

    private struct Refused: Error, Equatable { var index: Int }

    @Test(arguments: [0, 1, 2, 7, 1000]) func everyIndexComesOnceAndInItsPlace(count: Int) {
        #expect(concurrentMap(count) { $0 * $0 } == (0..<count).map { $0 * $0 })
        #expect(concurrentMap(Array(0..<count)) { "\($0)" } == (0..<count).map { "\($0)" })
    }

    @Test func aShareIsKeptAndEndsWithItsBody() {
        let before = Workers.count
        Workers.sharing(3) {
            #expect(Workers.count == 3)
            Workers.sharing(0) { #expect(Workers.count == 1) }
        }
        #expect(Workers.count == before)
    }

    @Test func oneThreadWorksAlone() {
        let gauge = Gauge()
        Workers.sharing(1) {
            concurrentForEach(200) { _ in
                gauge.enter()
                gauge.leave()
            }
        }
        #expect(gauge.most == 1)
    }

    @Test func noMoreStatesAreMadeThanThreads() throws {
        let states = Atomic<Int>(0)
        let seen = Mutex(Set<Int>())
        try Workers.sharing(2) {
            try concurrentForEach(
                100, state: { states.add(1, ordering: .relaxed).newValue },
                { index, _ in seen.withLock { _ = $0.insert(index) } })
        }
        #expect(states.load(ordering: .relaxed) <= 2)
        #expect(seen.withLock { $0 } == Set(0..<100))
    }

    @Test func statesAreFewWhereProcessorsAreMany() throws {
        let states = Atomic<Int>(0)
        try Workers.sharing(1000) {
            try concurrentForEach(
                5000, state: { states.add(1, ordering: .relaxed) }, { _, _ in })
        }
        #expect((1...Workers.mostStates).contains(states.load(ordering: .relaxed)))
    }

    @Test func theFailureOfTheLowestIndexIsThrownAndNoMoreIsBegun() {
        let begun = Atomic<Int>(0)
        #expect(throws: Refused(index: 10)) {
            try Workers.sharing(1) {
                try concurrentForEach(1000, state: {}) { index, _ in
                    begun.add(1, ordering: .relaxed)
                    if index >= 10 { throw Refused(index: index) }
                }
            }
        }
        #expect(begun.load(ordering: .relaxed) == 11)
    }

    @Test func theWholeProcessIsRestrictedAndFreedAgain() {
        let processors = ProcessInfo.processInfo.activeProcessorCount
        Workers.limit(to: 1)
        #expect(Workers.count == 1)
        Workers.limit(to: processors + 5)
        #expect(Workers.count == processors)
        Workers.limit(to: 0)
        #expect(Workers.count == processors)
    }
}
