import { useEffect, useState } from "react";

import { Consent } from "./consent.jsx";
import { useMousetrail } from "./mousetrail.jsx";
import { Link, usePath } from "./route.jsx";

const TEAPOTS = [{ id: 1, name: "Blue teapot", price: 24 }, { id: 2, name: "Red teapot", price: 26 }];

export function Shop() {
  const mousetrail = useMousetrail();
  const path = usePath();
  const [cart, setCart] = useState([]);
  const teapot = TEAPOTS.find(({ id }) => path === `/teapot/${id}`);

  useEffect(() => {
    mousetrail.tag("variant", "large pictures");
  }, [mousetrail]);

  const add = ({ id, price }) => {
    setCart([...cart, id]);
    mousetrail.event("add to cart", { product: id, price });
  };

  return (
    <>
      <nav><Link to="/" id="home">Teapots</Link> · In the cart: {cart.length}</nav>
      {teapot ? <Teapot teapot={teapot} onAdd={() => add(teapot)} /> : <List />}
      <p><button id="sign-in" onClick={() => mousetrail.identify("customer-7")}>Sign in as customer 7</button></p>
      <Consent />
    </>
  );
}

function List() {
  return (
    <main>
      <h1>Teapots</h1>
      <ul>
        {TEAPOTS.map(({ id, name, price }) => <li key={id}><Link to={`/teapot/${id}`} id={`teapot-${id}`}>{name}</Link>, {price} €</li>)}
      </ul>
    </main>
  );
}

function Teapot({ teapot: { name, price }, onAdd }) {
  return (
    <main>
      <h1>{name}</h1>
      <p>{price} € <button id="add" onClick={onAdd}>Add to cart</button></p>
    </main>
  );
}
