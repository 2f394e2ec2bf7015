package import CoreMetrics
import Synchronization

/// Metrics of a process for Prometheus to fetch: a backend of swift-metrics with a limit to its memory.
///
/// Counters end in `_total`, timers become histograms that end in `_seconds`, as Prometheus wants them.
/// Beyond the limit new series are counted and go nowhere.
package final class PrometheusRegistry: MetricsFactory {
    private struct Family {
        let kind: SeriesKind
        var series: [String: any MetricSeries] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var count = 0
        var dropped = 0
    }

    private let mostSeries: Int
    private let state = Mutex(State())

    /// A registry of nothing.
    ///
    /// - Parameter mostSeries: metrics with different labels that are kept.
    package init(mostSeries: Int = 2048) { self.mostSeries = mostSeries }

    // MARK: What metrics are made by

    /// A number that only rises.
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter) { CounterSeries() }
    }

    /// A number that rises and falls.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge) { GaugeSeries() }
    }

    /// A histogram, or the last value where nothing is to be aggregated.
    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return series(label, dimensions, .gauge) { GaugeSeries() } }
        return series(label, dimensions, .histogram) { HistogramSeries(bounds: Self.powersOfTwo) }
    }

    /// A histogram of seconds.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .timer) { HistogramSeries(bounds: Self.seconds) }
    }

    /// Does nothing: series stay, as Prometheus expects, and a metric that is made again goes on where it was.
    package func destroyCounter(_ handler: any CounterHandler) {}
    /// Does nothing.
    package func destroyMeter(_ handler: any MeterHandler) {}
    /// Does nothing.
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Does nothing.
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// From 50 µs to a minute.
    static let seconds = [
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
        1, 2.5, 5, 10, 30, 60,
    ]
    static let powersOfTwo = (0...24).map { Double(1 << $0) }

    private func series<Series: MetricSeries>(
        _ label: String, _ dimensions: [(String, String)], _ kind: SeriesKind,
        _ make: () -> Series
    ) -> Series {
        let name = PrometheusText.name(label) + kind.suffix
        let labels = PrometheusText.labels(dimensions)
        return state.withLock { state in
            var family = state.families[name] ?? Family(kind: kind)
            if let known = family.series[labels] as? Series { return known }
            let made = make()
            guard family.kind == kind, family.series[labels] == nil, state.count < mostSeries else {
                state.dropped += 1
                return made
            }
            family.series[labels] = made
            state.families[name] = family
            state.count += 1
            return made
        }
    }

    // MARK: Text

    /// All series in the text format 0.0.4, by name and labels.
    package var text: String {
        let (families, dropped) = state.withLock { ($0.families, $0.dropped) }
        var text = PrometheusText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.begin(name, family.kind)
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name, labels, to: &text)
            }
        }
        text.begin("metrics_dropped_series_total", .counter)
        text.line("metrics_dropped_series_total", "", Double(dropped))
        return text.content
    }
}
