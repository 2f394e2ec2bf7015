import Foundation
import OrderedJSON
import Synchronization
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@testable import Commands

/// What a batch tells people and programs.
@Suite struct BatchReportTests {
    let place: JobPlace

    init() throws { place = try JobPlace() }

    /// A report with every outcome.
    private func report(name: String = "nightly") throws -> BatchReport {
        let job = try place.read(
            JobPlace.yaml(
                models: "[{file: a.h5}, {file: b.h5}, {file: c.h5}]",
                "name: '\(name)'\ngates: {max-file-growth: 0.05}\n"))
        let champion = PublishedVariant.sample(
            "a/p2", version: 4, figures: .sample(fileBytes: 40 << 10, accuracy: 0.92))
        let worker = FakeWorker(
            failures: [
                "b/p1": CommandFailure(.inputOutput, "disk full"),
                "c": CommandFailure(.badData, "c.h5: damaged"),
            ], infeasible: ["b/p2"], figures: ["a/p3": .sample(accuracy: 0.914)],
            champions: [
                "a/p2": champion,
                "a/p3": .sample(
                    "a/p3", version: 2, figures: .sample(fileBytes: 51 << 10, accuracy: 0.92)),
            ])
        worker.record.withLock { $0.published["b/p3"] = .sample("b/p3", version: 3) }
        var report = BatchRun(job, worker, threads: 1, memoryBytes: 1 << 30).run()
        report.store = "variants"
        report.seconds = 12.5
        for index in report.results.indices { report.results[index].seconds = 1.25 }
        for index in report.models.indices { report.models[index].seconds = 3 }
        return report
    }

    @Test func forPeople() throws {
        let expected = """
            nightly: 9 variants

              variant                  file  multiply-adds  accuracy  tightest limit     against the champion
              a/p1:v1  new         50.0 KiB            400         –  ✓ file-kib 50.0 %  none yet
              a/p2     refused     50.0 KiB            400         –  ✓ file-kib 50.0 %  v4: file +25 %
              a/p3:v1  new         50.0 KiB            400   91.40 %  ✓ file-kib 50.0 %  v2: accuracy −0.60, file −2 %
              b/p1     failed             –              –         –  –                  none yet
              b/p2     infeasible         –              –         –  –                  none yet
              b/p3:v3  held        50.0 KiB            400         –  ✓ file-kib 50.0 %  none yet
              c/p1     failed             –              –         –  –                  none yet
              c/p2     failed             –              –         –  –                  none yet
              c/p3     failed             –              –         –  –                  none yet

            warning: a: the samples are few
            warning: b: the samples are few

            Fails
              a/p2: file 50.0 KiB is 25.0 % more than that of the champion v4, 40.0 KiB; 5.00 % allowed
              b/p1: disk full
              b/p2: budget.file-kib cannot be met
              c, 3 variants: c.h5: damaged

            2 new, 1 held, 1 refused, 1 infeasible, 4 failed; 12.50 s.
            """
        let found = try report().lines.joined(separator: "\n")
        #expect(found == expected, "\(found)")
    }

    @Test func forPullRequests() throws {
        let expected = """
            ### nightly: 9 variants

            ❌ 6 of 9 variants fail

            - a/p2: file 50.0 KiB is 25.0 % more than that of the champion v4, 40.0 KiB; 5.00 % allowed
            - b/p1: disk full
            - b/p2: budget.file-kib cannot be met
            - c, 3 variants: c.h5: damaged

            | variant | | file | multiply-adds | accuracy | tightest limit | against the champion |
            |---|---|---:|---:|---:|---|---|
            | a/p1:v1 | new | 50.0 KiB | 400 | – | ✓ file-kib 50.0 % | none yet |
            | a/p2 | refused | 50.0 KiB | 400 | – | ✓ file-kib 50.0 % | v4: file +25 % |
            | a/p3:v1 | new | 50.0 KiB | 400 | 91.40 % | ✓ file-kib 50.0 % | v2: accuracy −0.60, file −2 % |
            | b/p1 | failed | – | – | – | – | none yet |
            | b/p2 | infeasible | – | – | – | – | none yet |
            | b/p3:v3 | held | 50.0 KiB | 400 | – | ✓ file-kib 50.0 % | none yet |
            | c/p1 | failed | – | – | – | – | none yet |
            | c/p2 | failed | – | – | – | – | none yet |
            | c/p3 | failed | – | – | – | – | none yet |

            Warnings

            - a: the samples are few
            - b: the samples are few

            12.50 s, espalier \(Espalier.version)

            """
        let found = try report().markdown
        #expect(found == expected, "\(found)")
    }

    @Test func forPrograms() throws {
        let value = try JSON(parsing: report().json.text(indent: 2))
        let faults = try Schema(of: "batch").faults(value)
        #expect(faults == [], "\(faults)")
        #expect(value["status"] == 74)
        #expect(value["counts"]?["failed"] == 4)
        #expect(value["tasks"]?[0]?["published"]?["reference"] == "a/p1:v1")
        #expect(value["tasks"]?[1]?["outcome"] == "refused")
        #expect(value["tasks"]?[1]?["champion"]?["version"] == 4)
        #expect(value["tasks"]?[1]?["gates"]?[0]?["gate"] == "max-file-growth")
        #expect(value["tasks"]?[6]?["status"] == 65)
        #expect(value["models"]?[2]?["failure"] == "c.h5: damaged")
    }

    // MARK: JUnit

    @Test func junitHasTheStructureThatReadersExpect() throws {
        let root = try XMLDocument(xmlString: report().junit).rootElement()
        let suites = try #require(root)
        #expect(suites.name == "testsuites")
        func attribute(_ node: XMLElement, _ name: String) -> String? {
            node.attribute(forName: name)?.stringValue
        }
        func totals(_ node: XMLElement) -> [String?] {
            ["tests", "failures", "errors", "skipped"].map { attribute(node, $0) }
        }
        #expect(totals(suites) == ["9", "2", "4", "0"])
        #expect(
            suites.elements(forName: "testsuite").map(totals) == [
                ["3", "1", "0", "0"], ["3", "1", "1", "0"], ["3", "0", "3", "0"],
            ])
        for suite in suites.elements(forName: "testsuite") {
            let cases = suite.elements(forName: "testcase")
            #expect("\(cases.count)" == attribute(suite, "tests"))
            #expect(
                "\(cases.count { !$0.elements(forName: "failure").isEmpty })"
                    == attribute(suite, "failures"))
            #expect(
                "\(cases.count { !$0.elements(forName: "error").isEmpty })"
                    == attribute(suite, "errors"))
            for node in cases {
                #expect(Double(attribute(node, "time") ?? "") == 1.25)
                #expect(attribute(node, "classname")?.hasPrefix("nightly.") == true)
                #expect(attribute(node, "name")?.contains("/p") == true)
                #expect(
                    node.elements(forName: "failure").allSatisfy { attribute($0, "message") != nil }
                )
            }
        }
        let refused = suites.elements(forName: "testsuite")[0].elements(forName: "testcase")[1]
        let failure = try #require(refused.elements(forName: "failure").first)
        #expect(attribute(failure, "type") == "max-file-growth")
        #expect(
            failure.stringValue
                == "file 50.0 KiB is 25.0 % more than that of the champion v4, 40.0 KiB; 5.00 % allowed"
        )
    }

    @Test func aDryRunIsSkipped() throws {
        let job = try place.read(JobPlace.yaml(models: "[{file: a.h5}]"))
        let junit = BatchRun(job, FakeWorker(), isDryRun: true).run().junit
        #expect(junit.contains(#"tests="3" failures="0" errors="0" skipped="3""#))
        #expect(junit.contains(#"<skipped message="dry run: not made"/>"#))
    }

    @Test func textsCannotBecomeMarkup() throws {
        #expect(
            XMLText.escaped("a<b>&\"c\"\u{1}\n\u{FFFE}")
                == "a&lt;b&gt;&amp;&quot;c&quot;\u{FFFD}\n\u{FFFD}")
        #expect(XMLText.escaped("a\n\tb", isAttribute: true) == "a&#10;&#9;b")
        #expect(
            MarkdownText.escaped("a|b <i> *x* _y_ `z` [l](u) @me #1\nend")
                == #"a\|b &lt;i&gt; \*x\* \_y\_ \`z\` \[l\](u) &#64;me &#35;1 end"#)
        // Every character that a name may have comes through a reader of XML unharmed.
        let report = try report(name: #"<&"|*]]>"#)
        let root = try XMLDocument(xmlString: report.junit).rootElement()
        #expect(root?.attribute(forName: "name")?.stringValue == #"<&"|*]]>"#)
        #expect(report.markdown.hasPrefix(#"### &lt;&amp;"\|\*\]\]&gt;: 9 variants"#))
    }

    // MARK: Files

    @Test func filesAreWrittenWholeAndStepSummariesGrow() throws {
        let report = try report()
        let (junit, summary) = (place.folder.path + "/b.xml", place.folder.path + "/summary.md")
        let files = ReportFiles(junit: junit, markdown: summary, stepSummary: summary)
        try files.check()
        try files.write(report)
        try files.write(report)
        #expect(try String(contentsOfFile: junit, encoding: .utf8) == report.junit)
        #expect(
            try String(contentsOfFile: summary, encoding: .utf8)
                == report.markdown + report.markdown)
        let other = ReportFiles(markdown: place.folder.path + "/b.md", stepSummary: summary)
        try other.write(report)
        try other.write(report)
        #expect(
            try String(contentsOfFile: place.folder.path + "/b.md", encoding: .utf8)
                == report.markdown)
    }

    @Test func placesWhereNothingCanBeWrittenAreRefusedFirst() {
        #expect {
            try ReportFiles(junit: "/nowhere/at/all.xml").check()
        } throws: {
            ($0 as? CommandFailure)?.status == .cannotCreate
        }
        #expect {
            try ReportFiles(junit: "same", markdown: "same").check()
        } throws: {
            ($0 as? CommandFailure)?.status == .usage
        }
    }
}
