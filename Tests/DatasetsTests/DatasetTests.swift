import Foundation
import OrderedJSON
import Testing

@testable import Datasets

/// Arrays in all their files, with numbers from numpy.
@Suite struct DatasetTests {
    @Test func everyTypeInBothByteOrdersAndBothAxisOrders() throws {
        let files = try Fixture.expected().keys.filter { $0.hasPrefix("npy/") }
        #expect(files.count == 49)
        for file in files {
            let data = try Fixture.open(file) { $0.scalesBytes = false }
            #expect(data.sampleShape == [3, 2], "\(file)")
            #expect(data.labels == nil)
            let expected = try Fixture.numbers(Fixture.expected(file))
            #expect(try data.samples(0..<4, shape: [3, 2]) == expected, "\(file)")
            // One sample alone, and out of order.
            let part = Array(expected[12..<18] + expected[0..<6])
            #expect(try data.samples(at: [2, 0], shape: [3, 2]) == part, "\(file)")
        }
    }

    @Test(arguments: ["stored.npz", "packed.npz", "x_pair.npy"])
    func numpyWithLabels(name: String) throws {
        let data = try Fixture.open(name)
        #expect(data.count == 6)
        #expect(data.labels == [3, 1, 4, 1, 5, 0])
        let expected = try Fixture.numbers(Fixture.expected("named", "x")).map { $0 / 255 }
        let found = try data.samples(0..<6, shape: [4, 5, 1])
        #expect(isClose(found, expected, within: 1e-7))
        #expect(try data.treatment(shape: [4, 5, 1]) == "channel axis added, × 1/255")
        let raw = try Fixture.open(name) { $0.scalesBytes = false }
        let numbers = expected.map { ($0 * 255).rounded() }
        #expect(try raw.samples(0..<6, shape: [4, 5]) == numbers)
        #expect(try raw.treatment(shape: [4, 5]) == "")
    }

    @Test func splits() throws {
        #expect(try Fixture.open("splits.npz").labels == [3, 1])
        #expect(try Fixture.open("splits.npz") { $0.split = .train }.labels == [4, 1, 5, 0])
        let named = try Fixture.open("splits.npz") {
            $0.samplesName = "x_train"
            $0.labels = "y_train"
        }
        #expect(named.count == 4)
        #expect(
            try Fixture.sentence { _ = try Fixture.open("splits.npz") { $0.split = .validation } }
                == "splits.npz: there is no array 'x' or 'x_validation'; name the samples by "
                + "--samples: there are x_test, y_test, x_train, y_train")
    }

    @Test func hdf5() throws {
        let data = try Fixture.open("arrays.h5")
        #expect(data.labels == [3, 1, 4, 1, 5, 0])
        let expected = try Fixture.numbers(Fixture.expected("named", "x")).map { $0 / 255 }
        #expect(isClose(try data.samples(0..<6, shape: [4, 5, 1]), expected, within: 1e-7))
        #expect(
            isClose(
                try data.samples(at: [5, 2, 3], shape: [4, 5]),
                Array(expected[100...] + expected[40..<80]), within: 1e-7))
        let other = try Fixture.open("arrays.h5") { $0.samplesName = "group/images" }
        #expect(other.labels == nil)
        #expect(isClose(try other.samples(0..<6, shape: [4, 5]), expected, within: 1e-7))
    }

    @Test func idx() throws {
        let expected = try Fixture.numbers(Fixture.expected("idx", "x")).map { $0 / 255 }
        for name in ["idx", "idx/t10k-images-idx3-ubyte.gz", "idx/train-images-idx3-ubyte"] {
            let data = try Fixture.open(name)
            #expect(data.labels == [9, 0, 2, 2, 1], "\(name)")
            #expect(
                isClose(try data.samples(0..<5, shape: [4, 3, 1]), expected, within: 1e-7),
                "\(name)")
        }
        #expect(try Fixture.open("idx") { $0.split = .train }.count == 5)
        let floats = try Fixture.open("idx/floats.idx")
        #expect(floats.labels == nil)
        #expect(
            try floats.samples(0..<5, shape: [4, 3])
                == Fixture.numbers(Fixture.expected("idx", "floats")))
        let labelled = try Fixture.open("idx/floats.idx") {
            $0.labels = Fixture.path("idx/t10k-labels-idx1-ubyte.gz")
        }
        #expect(labelled.labels == [9, 0, 2, 2, 1])
    }

    @Test func aSeededChoice() throws {
        let data = try Fixture.open("stored.npz")
        let chosen = data.sampleIndices(count: 3, seed: 5)
        #expect(chosen.count == 3)
        #expect(chosen == chosen.sorted())
        #expect(Set(chosen).count == 3)
        #expect(chosen == data.sampleIndices(count: 3, seed: 5))
        #expect(data.sampleIndices(count: 9, seed: 5) == Array(0..<6))
        #expect(data.sampleIndices(count: 0, seed: 5) == [])
        // Another seed gives another choice, and every sample has its turn.
        let all = (0..<50).map { data.sampleIndices(count: 2, seed: UInt64($0)) }
        #expect(Set(all).count > 8)
        #expect(Set(all.flatMap(\.self)) == Set(0..<6))

        let limited = try Fixture.open("stored.npz") {
            $0.limit = 3
            $0.seed = 5
        }
        #expect(limited.count == 3)
        #expect(limited.totalCount == 6)
        let labels = try #require(data.labels)
        #expect(limited.labels == chosen.map { labels[$0] })
        #expect(
            try limited.samples(0..<3, shape: [4, 5]) == data.samples(at: chosen, shape: [4, 5]))
    }
}
