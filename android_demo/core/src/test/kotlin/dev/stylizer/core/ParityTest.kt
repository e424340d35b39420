package dev.stylizer.core

import dev.stylizer.core.drawing.StyleLoader
import dev.stylizer.core.geometry.Bend
import dev.stylizer.core.landmarks.FaceBoxes
import dev.stylizer.core.landmarks.FaceFinder
import dev.stylizer.core.landmarks.Mesh
import dev.stylizer.core.landmarks.MeshNetwork
import java.io.File
import java.util.concurrent.ArrayBlockingQueue
import java.util.concurrent.TimeUnit
import org.json.JSONArray
import org.json.JSONObject
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test

/** The app's core makes of the golden pictures what the Python package makes of them (tools/golden_vectors.py). */
class ParityTest {
    private val scenes = TestFiles.golden.listFiles { file -> Regex("\\d\\d\\.png") matches file.name }!!.sorted()

    private fun beside(scene: File, ending: String) = File(scene.path.removeSuffix(".png") + ending)

    private fun expected(scene: File): List<Mesh> {
        val meshes = JSONObject(beside(scene, ".json").readText()).getJSONArray("meshes")
        return List(meshes.length()) { n ->
            val points: JSONArray = meshes.getJSONArray(n)
            Mesh(DoubleArray(2 * Mesh.POINTS) { points.getJSONArray(it / 2).getDouble(it % 2) }).apply { measure() }
        }
    }

    /** Mean distance of the points, in distances of the outer eye corners. */
    private fun error(found: Mesh, expected: Mesh): Double {
        fun distance(a: DoubleArray, i: Int, b: DoubleArray, j: Int) =
            Math.hypot(a[2 * i] - b[2 * j], a[2 * i + 1] - b[2 * j + 1])
        val eyes = distance(expected.points, 33, expected.points, 263)
        return (0 until Mesh.POINTS).sumOf { distance(found.points, it, expected.points, it) } / Mesh.POINTS / eyes
    }

    @Test
    fun `landmarks are those of MediaPipe to a hundredth of the distance of the eyes`() {
        assertEquals(20, scenes.size)
        val errors = ArrayList<Double>()
        FaceBoxes(TestFiles.cpu.open(TestFiles.models.faceBoxes(), Accelerator.CPU, 1)).use { boxes ->
            MeshNetwork(TestFiles.cpu.open(TestFiles.models.faceMesh(), Accelerator.CPU, 1)).use { network ->
                val finder = FaceFinder(boxes, network)
                for (scene in scenes) {
                    val found = finder.find(TestFiles.picture(scene))
                    val wanted = expected(scene)
                    val worst = wanted.map { face -> found.minOfOrNull { error(it, face) } ?: 1.0 }
                    println("landmarks ${scene.name}: ${found.size} of ${wanted.size} faces, " +
                        worst.joinToString { "%.2f %%".format(100 * it) })
                    assertEquals(scene.name, wanted.size, found.size)
                    errors += worst
                }
            }
        }
        println("landmarks: mean %.3f %%, worst face %.3f %%".format(100 * errors.average(), 100 * errors.max()))
        assertTrue("mean error ${errors.average()}", errors.average() <= 0.01)
        assertTrue("worst face ${errors.max()}", errors.max() <= 0.03)
    }

    @Test
    fun `photos are drawn as stylizer stylize draws them`() {
        val decibels = StillStylizer(TestFiles.models, TestFiles.cpu).use { stylizer ->
            scenes.drop(8).map { scene -> // a TFLite without XNNPACK takes its time; all twenty gave the same
                val drawn = stylizer.draw(TestFiles.picture(scene), Settings("sketch"))
                val decibels = psnr(drawn, TestFiles.picture(beside(scene, "-drawn.png")))
                println("still ${scene.name}: %.1f dB".format(decibels))
                decibels
            }
        }
        println("still: median %.1f dB, least %.1f".format(decibels.sorted()[decibels.size / 2], decibels.min()))
        assertTrue("least ${decibels.min()} dB", decibels.min() >= 35)
    }

    @Test
    fun `camera frames are drawn as a video's are`() = compare("-once.png", 40.0) { drawOnce(it, Settings("sketch")) }

    @Test
    fun `faces are bent as exaggerate bends them`() {
        val amount = JSONObject(beside(scenes[0], ".json").readText()).getDouble("exaggeration").toFloat()
        FaceBoxes(TestFiles.cpu.open(TestFiles.models.faceBoxes(), Accelerator.CPU, 1)).use { boxes ->
            MeshNetwork(TestFiles.cpu.open(TestFiles.models.faceMesh(), Accelerator.CPU, 1)).use { mesh ->
                StyleLoader(TestFiles.models, TestFiles.cpu).use { loader ->
                    val network = loader.network("sketch")
                    val points = DoubleArray(136)
                    compare("-bent.png", 35.0) { photo ->
                        FaceFinder(boxes, mesh).find(photo).single().controlPoints(points)
                        Bend(cubic = true).apply(photo, points, network.file.offset, amount)
                        Picture(photo.width, photo.height).also { network.draw(photo, it) }
                    }
                }
            }
        }
    }

    private fun compare(ending: String, least: Double, draw: (Picture) -> Picture) {
        val square = scenes.filter { beside(it, ending).exists() }
        assertTrue(square.size >= 10)
        val decibels = square.map { psnr(draw(TestFiles.picture(it)), TestFiles.picture(beside(it, ending))) }
        println("$ending: median %.1f dB, least %.1f".format(decibels.sorted()[decibels.size / 2], decibels.min()))
        assertTrue("least ${decibels.min()} dB", decibels.min() >= least)
    }

    private fun drawOnce(photo: Picture, settings: Settings): Picture {
        val results = ArrayBlockingQueue<Any>(10)
        val listener = object : LivePipeline.Listener {
            override fun onFrame(drawn: Picture, report: Report) {
                results.offer(Picture(drawn.width, drawn.height, drawn.pixels.clone()))
            }

            override fun onError(message: String) {
                results.offer(message)
            }
        }
        return LivePipeline(TestFiles.models, TestFiles.cpu, listener, settings).use { pipeline ->
            assertTrue(pipeline.offer(0.0) { photo.copyInto(it) })
            val result = results.poll(60, TimeUnit.SECONDS)
            result as? Picture ?: throw AssertionError("no drawing: $result")
        }
    }
}
