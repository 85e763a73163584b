"""One sample per language, counted by hand. The comment on each line says what it adds: c = CCN, g = cognitive.

Expected are (CCN, cognitive, NLOC, parameters, nesting). CCN starts at 1; NLOC leaves out blank and comment lines.
"""

import pytest

from bot.analysis.functions.grammar import language_of
from bot.analysis.functions.measure import measure_text

Numbers = tuple[int, int | None, int, int, int | None]

PYTHON = '''
class Reader:
    def read(self, source, /, *rest, size: int = 1, **options):
        """Documentation is not code.

        Neither is this."""
        if source and size or rest:  # if: c1 g1, and: c1 g1, or: c1 g1
            for item in source:  # c1 g2 (one level in)
                while item:  # c1 g3 (two levels in)
                    item = item.next
                else:  # c1 g1
                    pass
        elif size:  # c1 g1
            pass
        else:  # g1
            pass

        try:  # nesting, no level
            value = [a for a in rest if a if size]  # for: c1, if: c1, if: c1
        except ValueError:  # c1 g1
            value = 1 if size else 2  # c1 g2
        else:  # c1
            assert value  # c1
        match value:  # g1
            case 1 | 2 if size:  # c1, the guard is a part of it
                pass
            case _:
                pass

        def inner(x):
            return x and not (x or size)  # and: c1 g1, a negated group of its own: c1 g1

        with source:
            return lambda y: y if y else inner(y)  # lambda adds a level; c1 g2
'''
# read: c = 1 + 3 + 1 + 1 + 1 + 1 + 3 + 1 + 1 + 1 + 1 + 1 + 1 = 17
#       g = 3 + 2 + 3 + 1 + 1 + 1 + 1 + 2 + 1 + 2 = 17
# nloc: 33 lines from `def read` to the end, without 3 of documentation and 4 blank ones: 26

JAVASCRIPT = """
class Cart {
  total(items, {tax, rate} = {}, ...rest) {
    let sum = 0;
    outer:
    for (const item of items) { // c1 g1
      if (item.free || item.gone) { // if: c1 g2, ||: c1 g1
        continue outer; // g1
      } else if (item.price ?? rate) { // c1 g1, ??: c1
        sum += item.price > 3 ? 1 : 2; // c1 g3
      } else { // g1
        sum--;
      }
    }
    switch (tax) { // g1
      case 1: // c1
      case 2: // c1
        break;
      default:
    }
    try { sum = rest.map(x => x || 1); } catch (e) { // c1 g1
      do { sum++; } while (sum < 3 && sum > 1 && sum); // do: c1 g2, && twice: c2 g1
    }
    return sum;
  }
  handle = async (event) => { if (event) { return 1; } }; // c1 g1
}
"""
# total: c = 1 + 1 + 2 + 2 + 1 + 2 + 1 + 3 = 13; g = 1 + 3 + 1 + 1 + 3 + 1 + 1 + 1 + 3 = 15
# the arrow `x => x || 1` is a function of its own: c 2, g 1

TYPESCRIPT = """
namespace Shop {
  export abstract class Cart<T> {
    abstract size(): number;
    constructor(private readonly items: T[], note?: string) {
      if (note && items.length) { this.note = note!; } // if: c1 g1, &&: c1 g1
    }
    pick(this: Cart<T>, by: (item: T) => boolean): T | undefined {
      for (const item of this.items) // c1 g1
        if (by(item)) return item; // c1 g2
      return undefined;
    }
  }
}
"""

TSX = """
export const List = ({ items }: Props) => {
  return <ul>{items && items.length ? <li/> : null}</ul>; // ?: c1 g1, &&: c1 g1
};
"""

JAVA = """
class Shop {
    Shop(int size) { }
    int sell(int count, final String... names) {
        for (String name : names) { // c1 g1
            if (name == null || count > 1 && name.isEmpty()) { // if: c1 g2, ||: c1 g1, &&: c1 g1
                break;
            } else if (count < 0) { // c1 g1
                continue;
            } else { // g1
                count++;
            }
        }
        int z = switch (count) { // g1
            case 1, 2 -> 3; // c1
            default -> 4;
        };
        try {
            run(() -> { while (z > 1) { } }); // lambda adds a level; c1 g2
        } catch (RuntimeException e) { // c1 g1
            return z > 1 ? 1 : 2; // c1 g2
        }
        // a comment
        return 0;
    }
}
"""
# sell: c = 1 + 1 + 3 + 1 + 1 + 1 + 1 + 1 = 10; g = 1 + 4 + 1 + 1 + 1 + 2 + 1 + 2 = 13

GO = """
package shop

func (s *Shop[T]) Sell(a, b int, names ...string) error {
	if x := a; x > 1 && b > 1 { // if: c1 g1, &&: c1 g1
		goto end // g1
	} else if a > 2 { // c1 g1
		a++
	} else { // g1
		a--
	}
loop:
	for i := range names { // c1 g1
		switch { // g2
		case i > 1, i < 0: // c1
			break loop // g1
		default:
		}
		go func() { // a level
			if a > 1 { // c1 g3
			}
		}()
	}
	select { // g1
	case <-s.done: // c1
	default:
	}
end:
	return nil
}
"""
# c = 1 + 2 + 1 + 1 + 1 + 1 + 1 = 8; g = 2 + 1 + 1 + 1 + 1 + 2 + 1 + 3 + 1 = 13

C = """
/* A comment
   of two lines */
static int *find(const char *key, int (*compare)(int, int)) {
    for (;;) { /* c1 g1 */
        switch (*key) { /* g2 */
        case 'a': /* c1 */
        case 'b': /* c1 */
            goto out; /* g1 */
        default:
            break;
        }
    }
    do { key++; } while (*key && compare(1, 2)); /* do: c1 g1, &&: c1 g1 */
out:
    return *key ? 0 : 1; /* c1 g1 */
}
int none(void) { return 0; }
"""
# find: c = 1 + 1 + 2 + 2 + 1 = 7; g = 1 + 2 + 1 + 2 + 1 = 7

CPP = """
namespace shop {
class Cart {
  template <class T> int add(T &&item, int count = 1) {
    for (auto &x : items_) { // c1 g1
      try {
        if (x and count or item) { } // if: c1 g2, and: c1 g1, or: c1 g1
      } catch (...) { // c1 g2
      }
    }
    auto f = [&](int q) { return q > 1 ? 1 : 2; }; // lambda adds a level; c1 g2
    return f(count);
  }
};
int Cart::size() const { while (busy()) { } return 0; } // c1 g1
}
"""
# add: c = 1 + 1 + 3 + 1 + 1 = 7; g = 1 + 4 + 2 + 2 = 9

CSHARP = """
class Shop {
    int Size { get { return a ?? b; } set => a = value; } // get: ??: c1
    int Sell(int count, params string[] names) {
        foreach (var name in names) { // c1 g1
            if (name == null && count > 1) { } // if: c1 g2, &&: c1 g1
            else if (count > 2) { } // c1 g1
        }
        switch (count) { // g1
            case 1: // c1
                goto case 2; // g1
            case 2: // c1
                break;
            default:
                break;
        }
        var z = count switch { 1 => 2, _ => 3 }; // switch: g1, arm: c1
        try { Run(x => x ? 1 : 2); } // lambda adds a level; c1 g2
        catch (Exception) when (z > 1) { } // c1 g1
        int Local(int q) { return q; }
        return z;
    }
}
"""
# Sell: c = 1 + 1 + 2 + 1 + 2 + 1 + 1 + 1 = 10; g = 1 + 3 + 1 + 1 + 1 + 1 + 2 + 1 = 11

RUST = """
impl<T> fmt::Display for Shop<T> {
    fn sell(&self, count: i32, (a, b): (i32, i32)) -> Option<i32> {
        'outer: for item in self.items() { // c1 g1
            if item.free && !item.gone { // if: c1 g2, &&: c1 g1
                continue 'outer; // g1
            } else if let Some(x) = item.price { // c1 g1
                run(x)?;
            } else { // g1
            }
        }
        let Some(y) = a else { return None }; // c1 g1
        match count { // g1
            1 | 2 => 3, // c1
            x if x > 2 => 4, // c1
            _ => 5,
        };
        let f = |q| while q { }; // closure adds a level; c1 g2
        let g = || 1;
        loop { break; } // c1 g1
    }
}
"""
# c = 1 + 1 + 2 + 1 + 1 + 2 + 1 + 1 = 10; g = 1 + 3 + 1 + 1 + 1 + 1 + 1 + 2 + 1 = 12

RUBY = """
module Shop
  class Cart
    def sell(count, rate = 1, *names, key:, &block)
      return unless count # c1 g1
      if count && rate # if: c1 g1, &&: c1 g1
        1
      elsif rate # c1 g1
        2
      else # g1
        3
      end
      names.each do |name| # a level
        next if name.nil? or name.empty? # if: c1 g2, or: c1 g1
      end
      case count # g1
      when 1, 2 then 3 # c1
      else 4
      end
      begin
        x
      rescue ArgumentError, TypeError # c1 g1
        y
      end
      until count do end # c1 g1
      rate ? 1 : 2 # c1 g1
    end

    def self.none; end
  end
end
"""
# sell: c = 1 + 1 + 2 + 1 + 2 + 1 + 1 + 1 + 1 = 11; g = 1 + 2 + 1 + 1 + 3 + 1 + 1 + 1 + 1 = 12

PHP = """<?php
class Shop {
    public function sell(int $count, ?string $name = null, ...$rest): int {
        foreach ($rest as $one) { // c1 g1
            if ($one && $count) { // if: c1 g2, &&: c1 g1
                continue 2; // g1
            } elseif ($name) { // c1 g1
            } else if ($count or $name) { // c1 g1, or: c1 g1
            } else { // g1
            }
        }
        switch ($count) { // g1
            case 1: // c1
            case 2: // c1
                break;
            default:
        }
        $z = match(true) { 1, 2 => 3, default => 4 }; // match: g1, arm: c1
        try { $f = fn($x) => $x ? 1 : 2; } catch (E $e) { } // arrow adds a level: c1 g2, catch: c1 g1
        return $z ?? 1; // c1
    }
}
"""
# c = 1 + 1 + 2 + 1 + 2 + 2 + 1 + 2 + 1 = 13; g = 1 + 3 + 1 + 1 + 2 + 1 + 1 + 1 + 2 + 1 = 14

KOTLIN = """
class Shop {
    val size: Int
        get() { return if (a) 1 else 2 } // if: c1 g1, else: g1

    fun <T> sell(count: Int, rate: Int = 1, vararg names: String): Int {
        for (name in names) { // c1 g1
            if (name == "" || count > 1) { // if: c1 g2, ||: c1 g1
                run(name)
            } else if (count > 2) { // c1 g1
                run(count)
            } else { // g1
                run(rate)
            }
        }
        val z = when (count) { // g1
            1, 2 -> 3 // c1
            is Int -> 4 // c1
            else -> 5
        }
        try {
            names.forEach { while (z > 1) { } } // lambda adds a level; c1 g2
        } catch (e: Exception) { // c1 g1
        }
        return count ?: 1 // c1
    }
}
"""
# sell: c = 1 + 1 + 2 + 1 + 2 + 1 + 1 + 1 = 10; g = 1 + 3 + 1 + 1 + 1 + 2 + 1 = 10

SWIFT = """
extension Shop {
    func sell(_ count: Int, at rate: Int = 1, names: String...) -> Int {
        guard let first = names.first else { return 1 } // c1 g1
        for name in names { // c1 g1
            if name == first && count > 1 { // if: c1 g2, &&: c1 g1
                run(name)
            } else if count > 2 { // c1 g1
                run(count)
            } else { // g1
                run(rate)
            }
        }
        switch count { // g1
        case 1, 2: run(1) // c1
        case 3: run(2) // c1
        default: run(3)
        }
        do {
            try run(first)
        } catch { // c1 g1
            names.forEach { n in
                while n { } // catch and closure: two levels; c1 g3
            }
        }
        return count > 1 ? 1 : first ?? 2 // ?: c1 g1, ??: c1
    }
}
"""
# c = 1 + 1 + 1 + 2 + 1 + 2 + 1 + 1 + 2 = 12; g = 1 + 1 + 3 + 1 + 1 + 1 + 1 + 3 + 1 = 13

SAMPLES: list[tuple[str, str, dict[str, Numbers]]] = [
    ("a.py", PYTHON, {"Reader.read": (17, 17, 26, 4, 3), "Reader.read.inner": (3, 2, 2, 1, 0)}),
    (
        "a.js",
        JAVASCRIPT,
        {
            "Cart.total": (13, 15, 23, 3, 2),
            "<anonymous in Cart.total>": (2, 1, 1, 1, 0),
            "Cart.handle": (2, 1, 1, 1, 1),
        },
    ),
    ("a.ts", TYPESCRIPT, {"Shop.Cart.constructor": (3, 2, 3, 2, 1), "Shop.Cart.pick": (3, 3, 5, 1, 2)}),
    ("a.tsx", TSX, {"List": (3, 2, 3, 1, 0)}),
    ("a.java", JAVA, {"Shop.Shop": (1, 0, 1, 1, 0), "Shop.sell": (10, 13, 21, 2, 2)}),
    ("a.go", GO, {"Shop.Sell": (8, 13, 27, 3, 2)}),
    ("a.c", C, {"find": (7, 7, 14, 2, 2), "none": (1, 0, 1, 0, 0)}),
    ("a.cpp", CPP, {"shop.Cart.add": (7, 9, 10, 2, 3), "shop.Cart.size": (2, 1, 1, 0, 1)}),
    (
        "a.cs",
        CSHARP,
        {
            "Shop.Size.get": (2, 0, 1, 0, 0),
            "Shop.Size.set": (1, 0, 1, 0, 0),
            "Shop.Sell": (10, 11, 19, 2, 2),
            "Shop.Sell.Local": (1, 0, 1, 1, 0),
        },
    ),
    ("a.rs", RUST, {"Shop.sell": (10, 12, 19, 2, 2)}),
    ("a.rb", RUBY, {"Shop.Cart.sell": (11, 12, 24, 5, 1), "Shop.Cart.none": (1, 0, 1, 0, 0)}),
    ("a.php", PHP, {"Shop.sell": (13, 14, 19, 3, 2)}),
    ("a.kt", KOTLIN, {"Shop.get": (2, 2, 1, 0, 1), "Shop.sell": (10, 10, 21, 3, 2)}),
    ("a.swift", SWIFT, {"Shop.sell": (12, 13, 25, 3, 2)}),
]


@pytest.mark.parametrize(("path", "source", "expected"), SAMPLES, ids=[path for path, _, _ in SAMPLES])
def test_counts_as_by_hand(path: str, source: str, expected: dict[str, Numbers]) -> None:
    table = language_of(path)
    assert table is not None
    measured = measure_text(table, source)
    assert measured.clean
    assert {f.name: (f.ccn, f.cognitive, f.nloc, f.parameters, f.nesting) for f in measured.functions} == expected
