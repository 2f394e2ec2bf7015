import Contexts
import Foundation
import Testing

/// Latency tables that say where each row was measured.
@Suite struct LayerSeriesTests {
    private static func table(_ rows: String) throws -> LatencyTable {
        let header =
            "network,layer,operation,kernel,stride,positions,input-channels,output-channels,microseconds"
        return try LatencyTable(csv: Data((header + "\n" + rows).utf8), file: "t.csv")
    }

    private static let csv = """
        a,early,convolution,3x3,1x1,784,16,16,10
        a,early,convolution,3x3,1x1,784,16,64,20
        a,late,convolution,3x3,1x1,784,16,16,12
        a,late,convolution,3x3,1x1,784,16,32,15
        ,,convolution,3x3,1x1,784,16,128,90

        """

    private static func value(_ layer: String, outputs: Int) throws -> LatencyTable.Value? {
        var workload = LatencyTableTests.layer()
        workload.name = layer
        return try table(csv).latency(
            of: workload, inputChannels: 16, outputChannels: outputs, channelMultiple: 1)
    }

    @Test(arguments: [
        // Its own grid comes first, even if another one has the very width.
        ("early", 16, 10.0), ("late", 16, 12.0), ("late", 32, 15.0),
        // A layer that was not measured takes the first grid that has the width.
        ("other", 16, 10.0), ("other", 32, 15.0), ("other", 64, 20.0), ("other", 128, 90.0),
        // Before a grid is left, another one is asked.
        ("late", 64, 20.0), ("early", 128, 90.0),
    ])
    func asksItsOwnGridFirst(layer: String, outputs: Int, microseconds: Double) throws {
        let value = try #require(try Self.value(layer, outputs: outputs))
        #expect(abs(value.microseconds - microseconds) < 1e-9)
        #expect(value.quality == .measured)
    }

    @Test func interpolatesWithinItsOwnGrid() throws {
        // 32 is half way from 16 to 64 in logarithms; 'late' has measured it, but 'early' is asked.
        let value = try #require(try Self.value("early", outputs: 32))
        #expect(value.quality == .interpolated)
        #expect(abs(value.microseconds - 200.squareRoot()) < 1e-9)
    }

    @Test func leavesItsOwnGridRatherThanAnother() throws {
        let value = try #require(try Self.value("late", outputs: 256))
        #expect(value.quality == .extrapolated)
        #expect(abs(value.microseconds - 15) < 1e-9)
        #expect(value.outputChannels == 32)
    }

    @Test func countsAllGrids() throws { #expect(try Self.table(Self.csv).count == 5) }

    @Test func theSameWidthsOfTwoLayersAreNotARepetition() throws {
        #expect(throws: LatencyTableError.self) {
            try Self.table(
                """
                a,early,convolution,3x3,1x1,784,16,16,10
                a,early,convolution,3x3,1x1,784,16,16,11
                """)
        }
    }

    // MARK: Rows

    private static let workload = LayerWorkload(
        name: "conv", operation: .convolution, kernel: Window(3, 3), stride: Window(2, 1),
        positions: 784, taps: 9, inputChannels: 16, outputChannels: 32, groups: 2)

    @Test func rowsAreReadBack() throws {
        let row = LatencyMeasurement(
            Self.workload, network: "net", microseconds: 12.3456, deviation: 0.25, samples: 40)
        #expect(row.row == "net,conv,convolution,3x3,2x1,784,2,16,32,12.346,0.250,40")
        var rounded = row
        rounded.microseconds = 12.346
        #expect(LatencyMeasurement(row: row.row[...]) == rounded)
        let table = try LatencyTable(
            csv: Data("\(LatencyMeasurement.header)\n\(row.row)\n".utf8), file: "t.csv")
        let value = table.latency(
            of: Self.workload, inputChannels: 16, outputChannels: 32, channelMultiple: 16)
        #expect(abs((value?.microseconds ?? 0) - 12.346) < 1e-9)
    }

    @Test func whatCostsNothingAndStrangeNamesStillMakeARow() throws {
        var workload = Self.workload
        workload.name = "a,\"b\"\n#c"
        let row = LatencyMeasurement(workload, network: "n", microseconds: 0)
        #expect(row.row == "n,a__b___c,convolution,3x3,2x1,784,2,16,32,0.001,0.000,1")
        #expect(throws: Never.self) {
            try LatencyTable(
                csv: Data("\(LatencyMeasurement.header)\n\(row.row)\n".utf8), file: "t.csv")
        }
    }

    @Test(arguments: [
        "", "net,conv", "net,conv,convolution,3x3,2x1,784,2,16,32,12.346,0.2",
        "net,conv,fold,3x3,2x1,784,2,16,32,12.346,0.250,40",
        "net,conv,convolution,3x,2x1,784,2,16,32,12.346,0.250,40",
    ])
    func halfARowIsNone(text: String) { #expect(LatencyMeasurement(row: text[...]) == nil) }

    // MARK: Shares

    @Test func sharesSayWhatAPredictionRestsOn() throws {
        let device = Device(
            runtime: "r", peakGflops: 1, memoryBandwidthGBps: 1, layerOverheadUs: 30)
        let model = CostModel(device: device, network: nil, table: try Self.table(Self.csv))
        func layer(_ name: String, _ outputs: Int, positions: Int = 784) -> LayerWorkload {
            LayerWorkload(
                name: name, operation: .convolution, kernel: Window(3, 3), stride: Window(1, 1),
                positions: positions, inputChannels: 16, outputChannels: outputs)
        }
        let summary = WorkloadSummary(
            layers: [
                layer("early", 16), layer("early", 64), layer("late", 256),
                layer("unknown", 16, positions: 9),
            ], parameterCount: 0, parameterBytes: 0, peakActivationBytes: 0, fileBytes: 0)
        // 10 and 20 us measured; 15 us beyond the grid, where the formula knows of no change; 30 us by the formula.
        let shares = try #require(model.sourceShares(of: summary))
        #expect(abs(shares.measured - 30.0 / 75) < 1e-9)
        #expect(abs(shares.extrapolated - 15.0 / 75) < 1e-9)
        #expect(abs(shares.formula - 30.0 / 75) < 1e-9)
        #expect(shares.interpolated == 0)
        #expect(CostModel(device: device, network: nil).sourceShares(of: summary) == nil)
    }
}
