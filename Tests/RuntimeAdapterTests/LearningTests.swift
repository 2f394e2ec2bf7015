import Foundation
import Testing

@testable import RuntimeAdapter

/// What observations teach, and what they cannot be made to.
@Suite struct LearningTests {
    private let phone = "class=phone-4g"

    private func observation(
        _ ratio: Double, digest: String = "v", deviceClass: String = "class=phone-4g",
        client: String? = nil, atMs: Double = 0
    ) -> Observation {
        Observation(
            .inference, deviceClass: deviceClass, digest: digest, predictedMs: 10,
            observedMs: 10 * ratio, client: client, atMs: atMs)
    }

    private func correction(
        _ model: PerformanceModel, _ digest: String = "v", deviceClass: String = "class=phone-4g"
    ) -> PerformanceModel.Correction {
        model.correction(
            of: .inference, deviceClass: deviceClass, digest: digest, priorShare: 0.2)
    }

    @Test func knowsNothingAtFirst() {
        let correction = correction(PerformanceModel())
        #expect(correction.factor == 1)
        #expect(abs(correction.variance - 0.04) < 1e-12)
    }

    @Test(arguments: [(1, 0.4), (2, 1.0), (3, 3.0), (4, 6.0)] as [(UInt64, Double)])
    func convergesToTheTruth(seed: UInt64, truth: Double) {
        var random = SeededGenerator(seed: seed)
        var model = PerformanceModel()
        for number in 0..<400 {
            let outcome = model.record(
                observation(
                    truth * exp(0.15 * random.normal()), client: "c\(number % 40)",
                    atMs: Double(number) * 500))
            if case .accepted = outcome { continue }
            Issue.record("seed \(seed): \(outcome)")
        }
        let correction = correction(model)
        // A mean that follows one tenth of each observation keeps a quarter of their noise.
        #expect(abs(log(correction.factor / truth)) < 0.15, "seed \(seed): \(correction)")
        #expect((0.08...0.4).contains(correction.variance.squareRoot()), "seed \(seed)")
    }

    @Test func outliersMoveLittle() {
        var random = SeededGenerator(seed: 5)
        var model = PerformanceModel()
        for number in 0..<600 {
            let isOutlier = number % 10 == 0
            let ratio = isOutlier ? 1000 : 2 * exp(0.1 * random.normal())
            _ = model.record(
                observation(ratio, client: "c\(number % 50)", atMs: Double(number) * 1000))
        }
        #expect(abs(log(correction(model).factor / 2)) < 0.2)
    }

    @Test func aTrueChangeIsFollowed() {
        var random = SeededGenerator(seed: 6)
        var model = PerformanceModel()
        for number in 0..<200 {
            let truth = number < 100 ? 1.0 : 2.5
            _ = model.record(observation(truth * exp(0.1 * random.normal())))
        }
        #expect(abs(log(correction(model).factor / 2.5)) < 0.15)
    }

    @Test func oneClientAloneIsBounded() {
        var model = PerformanceModel()
        for number in 0..<100_000 {
            _ = model.record(
                observation(1e9, client: "liar", atMs: Double(number) * 2000))
        }
        // 4 of 12 parts for the class, and of what is left for the variant, of the largest ratio.
        let most = log(8.0) * (1.0 / 3 + 2.0 / 3 / 3)
        #expect(log(correction(model).factor) <= most + 1e-9)
        #expect(correction(model, "other").factor < 2.01)
        #expect(correction(model, deviceClass: "class=laptop").factor == 1)
    }

    @Test func aLiarAmongHonestOnesMovesLittle() {
        var random = SeededGenerator(seed: 7)
        var model = PerformanceModel()
        for number in 0..<3000 {
            // The liar reports as often as nine honest clients together.
            let isLiar = number % 2 == 0
            _ = model.record(
                observation(
                    isLiar ? 8 : exp(0.1 * random.normal()),
                    client: isLiar ? "liar" : "c\(number / 2 % 9)", atMs: Double(number) * 1000))
        }
        #expect(correction(model).factor < 1.5)
    }

    @Test func absurdReportsAreRefused() {
        var model = PerformanceModel()
        for observed in [0, -1, Double.nan, .infinity, -.infinity, 3_600_001] {
            var wrong = observation(1)
            wrong.observedMs = observed
            #expect(model.record(wrong) == .absurd)
        }
        for predicted in [0, -1, Double.nan, .infinity] {
            var wrong = observation(1)
            wrong.predictedMs = predicted
            #expect(model.record(wrong) == .absurd)
        }
        #expect(model.cellCount == 0)
    }

    @Test func aClientMayNotReportTooOften() {
        var model = PerformanceModel(
            options: LearningOptions(burst: 5, reportsPerMinute: 60))
        func accepted(at ms: Double) -> Int {
            (0..<20).count { _ in
                model.record(observation(1, client: "c", atMs: ms)) != .tooOften
            }
        }
        #expect(accepted(at: 0) == 5)
        #expect(accepted(at: 2000) == 2)
        // A clock that goes back, jumps, or is no number gives nothing but time that passed.
        #expect(accepted(at: -1e9) == 0)
        #expect(accepted(at: .nan) == 0)
        #expect(accepted(at: -1e9 + 1000) == 1)
        #expect(accepted(at: 1e12) == 5)
        #expect(model.record(observation(1, client: "other", atMs: 0)) != .tooOften)
        #expect(model.record(observation(1, atMs: 0)) != .tooOften)
    }

    @Test func memoryIsBounded() {
        var model = PerformanceModel(options: LearningOptions(mostCells: 100, mostClients: 50))
        for number in 0..<5000 {
            _ = model.record(
                observation(
                    2, digest: "v\(number)", deviceClass: "class=\(number % 7)",
                    client: "c\(number)"))
            #expect(model.cellCount <= 101)
        }
        // The last ones are still there.
        #expect(correction(model, "v4999", deviceClass: "class=\(4999 % 7)").factor > 1.05)
    }

    @Test func fewObservationsLeanOnTheClass() {
        var model = PerformanceModel()
        for number in 0..<200 { _ = model.record(observation(3, digest: "v\(number % 4)")) }
        #expect(abs(correction(model, "v0").factor - 3) < 0.5)
        let unseen = correction(model, "new")
        #expect(unseen.factor > 2)
        #expect(correction(model, deviceClass: "class=other").factor == 1)
    }

    @Test func survivesARestart() throws {
        var random = SeededGenerator(seed: 8)
        var model = PerformanceModel()
        for number in 0..<300 {
            _ = model.record(
                observation(
                    2 * exp(0.1 * random.normal()), digest: "v\(number % 5)",
                    client: "secret-\(number % 20)", atMs: Double(number) * 1000))
        }
        let bytes = try JSONEncoder().encode(model.state)
        #expect(!String(decoding: bytes, as: UTF8.self).contains("secret"))
        let state = try JSONDecoder().decode(PerformanceState.self, from: bytes)
        let again = PerformanceModel(state: state)
        #expect(again.state == model.state)
        #expect(correction(again, "v3") == correction(model, "v3"))
    }

    @Test func storedNonsenseIsLeftOut() {
        var model = PerformanceModel()
        _ = model.record(observation(2))
        var state = model.state
        for change in [
            { (cell: inout PerformanceState.Cell) in cell.mean = .nan },
            { $0.mean = 1e300 }, { $0.variance = -1 }, { $0.weight = .infinity },
            { $0.clients = -4 }, { $0.trustedWeight = 1e9 },
        ] {
            guard var cell = model.state.cells.first else { continue }
            change(&cell)
            cell.digest = "other \(state.cells.count)"
            state.cells.append(cell)
        }
        #expect(PerformanceModel(state: state).cellCount == model.cellCount)
        state.schema = 2
        #expect(PerformanceModel(state: state).cellCount == 0)
    }

    @Test func theStoreInMemoryKeepsTheLast() async {
        let store = InMemoryObservationStore()
        #expect(await store.load() == nil)
        var model = PerformanceModel()
        _ = model.record(observation(2))
        await store.save(model.state)
        #expect(await store.load() == model.state)
    }
}
