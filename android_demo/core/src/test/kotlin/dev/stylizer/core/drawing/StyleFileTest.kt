package dev.stylizer.core.drawing

import dev.stylizer.core.Accelerator
import dev.stylizer.core.TestFiles
import java.nio.ByteBuffer
import java.util.Random
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assert.fail
import org.junit.Test

class StyleFileTest {
    private val content = TestFiles.models.style("sketch", Accelerator.CPU).let { buffer ->
        ByteArray(buffer.remaining()).also { buffer.get(it) }
    }

    private fun refused(bytes: ByteArray): String = try {
        StyleFile.read(ByteBuffer.wrap(bytes))
        fail("was read")
        ""
    } catch (e: ModelException) {
        e.message!!
    }

    @Test
    fun `says what make tflite wrote`() {
        val file = StyleFile.read(ByteBuffer.wrap(content))
        assertEquals("sketch", file.style)
        assertEquals("image", file.image)
        assertEquals(127.5f, file.inputMean, 0f)
        assertEquals(127.5f, file.inputStd, 0f)
        assertEquals(0f, file.outputMean, 0f)
        assertEquals(255f, file.outputStd, 0f)
        assertEquals(256 * 256, file.grain.size)
        assertTrue(file.licence.isNotEmpty())
        assertTrue(file.offset.any { it != 0f } && file.offset.all { Math.abs(it) < 0.2f })
    }

    @Test
    fun `a truncated file is refused wherever it ends`() {
        for (size in listOf(0, 3, 8, 20, 100, 1000, content.size / 2, content.size * 9 / 10)) {
            assertTrue(refused(content.copyOf(size)).isNotEmpty())
        }
    }

    @Test
    fun `foreign files are refused by name`() {
        assertTrue("no .tflite" in refused("a picture, perhaps, or a page".toByteArray()))
        val mesh = TestFiles.models.faceMesh()
        assertTrue("model file" in refused(ByteArray(mesh.remaining()).also { mesh.get(it) }))
    }

    @Test
    fun `damaged files are read or refused and nothing else`() {
        val random = Random(1)
        repeat(300) {
            val damaged = content.clone()
            for (n in 0 until 20) { // half of them at the beginning, where the tables are
                damaged[random.nextInt(if (n % 2 == 0) damaged.size else 2000)] = random.nextInt().toByte()
            }
            try {
                StyleFile.read(ByteBuffer.wrap(damaged))
            } catch (_: ModelException) {
            }
        }
    }
}
